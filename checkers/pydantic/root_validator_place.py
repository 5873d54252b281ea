"""Where a validator of a whole model is declared, and what is known of its class."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from trueup.file import File
from trueup.index.project import ClassSymbol
from trueup.libraries.pydantic.inherited import Fields, fields_of
from trueup.libraries.pydantic.validators import called_in


@dataclass(frozen=True, slots=True)
class Place:
    """Where a validator is declared, and what is known of the class."""

    file: File
    symbol: ClassSymbol | None
    name: str
    line: int
    fields: Fields

    @property
    def owner(self) -> str:
        """The name of the class."""
        return self.symbol.facts.name if self.symbol is not None else ""


def place_of(node: ast.AST, name: str, file: File) -> Place:
    owner = file.parent(node)
    facts = file.class_at(owner) if isinstance(owner, ast.ClassDef) else None
    symbol = ClassSymbol(file.qualified(facts), file.facts, facts) if facts is not None else None
    fields = fields_of(file.types, symbol) if symbol is not None else Fields({}, False)
    return Place(file, symbol, name, node.lineno, fields)  # type: ignore[attr-defined]


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
