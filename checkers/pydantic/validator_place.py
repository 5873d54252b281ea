"""Where a validator is declared, and what is known of its class."""

from __future__ import annotations

import ast

from msgspec import Struct

from trueup.file import File
from trueup.index.project import ClassSymbol
from trueup.libraries.pydantic.inherited import Fields, fields_of
from trueup.libraries.pydantic.validators import called_in, is_ours


class Place(Struct, frozen=True):
    """Where a validator is declared, and what is known of the class."""

    file: File
    node: ast.ClassDef | None
    symbol: ClassSymbol | None
    name: str
    line: int

    @property
    def fields(self) -> Fields:
        """The fields of the class; none, and more to come, where there is no class."""
        return fields_of(self.file.types, self.symbol) if self.symbol is not None else Fields({}, False)

    @property
    def ours(self) -> bool | None:
        """Whether Pydantic runs the validators of the class; None in a function, or where a base is not known."""
        return is_ours(self.file.types, self.symbol, self.file.config.base_models) if self.symbol is not None else None

    @property
    def owner(self) -> str:
        """The name of the class."""
        return self.symbol.facts.name if self.symbol is not None else ""


def place_of(node: ast.stmt, name: str, file: File) -> Place:
    """The place of the statement that declares the validator `name`."""
    owner = file.parent(node)
    klass = owner if isinstance(owner, ast.ClassDef) else None
    facts = file.class_at(klass) if klass is not None else None
    symbol = ClassSymbol(file.qualified(facts), file.facts, facts) if facts is not None else None
    return Place(file, klass, symbol, name, node.lineno)


def is_static(name: str, place: Place) -> bool:
    """Whether a name is that of a class method or static method of the class, which an object has as well."""
    if place.symbol is None:
        return False
    member = place.file.types.member(place.symbol.qualname, name)
    if member is None or member.function is None:
        return False
    return [getattr(one, "id", "") for one in member.function.facts.decorators] in (["classmethod"], ["staticmethod"])


def call_of(place: Place) -> str:
    """Where code calls the validator by name; empty where nothing does."""
    return called_in(place.file.types, place.symbol, place.name) if place.symbol is not None else ""
