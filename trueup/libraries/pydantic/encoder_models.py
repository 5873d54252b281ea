"""The models of a project as `json_encoders` see them: the types their fields name, and the encoders they have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...index.expressions import every_part, last_name
from ...index.facts import Attr, Call, Const, Field, FileFacts, Name
from ...index.project import ClassSymbol
from ...infer import Inference, Site
from .annotations import is_field_name
from .dataclasses import dataclass_of
from .encoders import KEY, Definition, Entry, EntryId, encoders_of, source_of
from .leaves import Leaf, leaves
from .models import models_of

_RECORDS = ("typing.TypedDict", "typing_extensions.TypedDict", "typing.NamedTuple")
_SERIALIZED = frozenset({"pydantic.computed_field", "pydantic.field_serializer", "pydantic.model_serializer"})
"""Decorators of methods whose results are written as their annotations say."""
_FIELDS = frozenset({"model_fields", "__fields__"})
_TYPES = frozenset({"annotation", "outer_type_", "type_"})


class Models:
    """The models of the project, their encoders and the types that their fields name."""

    def __init__(self, types: Inference, roots: tuple[str, ...], given: Mapping[str, Definition]) -> None:
        self.types = types
        self.given = given
        self.named: dict[str, set[str]] = {}
        """Path -> the names that repairs bring into that file."""
        self.all = list(models_of(types, roots))
        self.source = {one.qualname: source_of(types, one.qualname, given) for one in self.all}
        self._leaves: dict[str, list[tuple[Field, list[Leaf]]]] = {}
        self._encoders: dict[str, dict[str, EntryId]] = {}

    def encoders(self, cls: str) -> dict[str, EntryId]:
        """The encoders of a model."""
        source = self.source.get(cls, "")
        if source not in self._encoders:
            self._encoders[source] = encoders_of(self.types, source, self.given) if source else {}
        return self._encoders[source]

    def entry(self, entry: EntryId) -> Entry:
        """An encoder."""
        return self.given[entry[0]].entries[entry[1]]

    def fields(self, symbol: ClassSymbol) -> list[tuple[Field, list[Leaf]]]:
        """The fields that a class itself has, and the types they name."""
        known = self._leaves.get(symbol.qualname)
        if known is None:
            known = self._leaves[symbol.qualname] = []
            for field in symbol.facts.fields:
                if field.annotation is not None and not field.method and is_field_name(field.name):
                    site = Site(symbol.file, None, symbol.facts, 0, field.pos.line, field.pos.column)
                    known.append((field, leaves(self.types, field.annotation, site)))
        return known

    def inherited(self, cls: str) -> Iterator[tuple[ClassSymbol, Field, list[Leaf]]]:
        """The fields of a class with those of the classes above it, each with the class it stands in."""
        seen: set[str] = set()
        for name in self.types.mro(cls).names:
            symbol = self.types.project.klass(name)
            if symbol is None or symbol.file.path not in self.types.project.files:
                continue
            for field, found in self.fields(symbol):
                if field.name not in seen:
                    yield symbol, field, found
            seen.update(field.name for field, _ in self.fields(symbol))

    def results(self, symbol: ClassSymbol) -> Iterator[tuple[str, Leaf]]:
        """The types that methods return whose results are written: computed fields, serializers."""
        for function in symbol.file.functions:
            if function.owner != symbol.facts.qualname or function.returns is None or not function.decorators:
                continue
            site = self.types.definition_site(function, symbol.file)
            plain = (one.func if isinstance(one, Call) else one for one in function.decorators)
            if any(self.types.qualname(one, site) in _SERIALIZED for one in plain):
                yield from ((function.name, leaf) for leaf in leaves(self.types, function.returns, site))

    def is_behind(self, cls: str, other: str) -> bool:
        """Whether a class stands behind another one of its module, which is always defined there."""
        first, second = self.types.project.klass(other), self.types.project.klass(cls)
        if first is None or second is None or first.facts.pos.line > second.facts.pos.line:
            return False
        bound = [one for one in first.file.scope.bindings if one.how == "class" and one.name == first.facts.name]
        return len(bound) == 1 and bound[0].block == 0

    def is_used(self, symbol: ClassSymbol) -> bool:
        """Whether a class may be more than a base: something is made of it, a field holds one, or a route answers so.

        As the type of a parameter it may be named: what is handed over there is made elsewhere.
        """
        if any(leaf.name == symbol.qualname for one in self.all for _, found in self.fields(one) for leaf in found):
            return True
        name = symbol.facts.name
        return any(_uses(file, name) for file in self.types.project.files.values())

    def is_open(self, cls: str) -> bool:
        """Whether the values of a class are written field by field: those of models, data classes, typed dicts."""
        if self.types.project.klass(cls) is None:
            return False
        return cls in self.source or bool(dataclass_of(self.types, cls)) or self.is_record(cls)

    def is_record(self, cls: str) -> bool:
        """Whether a class is a typed dict or named tuple: the encoders of the model around it hold in version 2 too."""
        names = self.types.mro(cls).names
        return any(one in names for one in _RECORDS)


def _uses(file: FileFacts, name: str) -> bool:
    """Whether a file does something with what a name stands for, other than inherit from it or annotate with it."""
    functions = file.functions if file.stands_in_functions(name) else ()
    scopes = [file.scope, *[one.scope for one in file.classes], *[one.scope for one in functions]]
    for scope in scopes:
        if any(_names(one.call, name) for one in scope.calls) or any(_names(one.value, name) for one in scope.bindings):
            return True
    for one in functions:
        answered = one.returns if one.decorators else None
        if _names((one.decorators, answered, one.returned, one.yielded), name):
            return True
    return False


def _names(expr: object, name: str) -> bool:
    """Whether a name stands in an expression."""
    return any(isinstance(one, Name | Attr) and last_name(one) == name for one in every_part(expr))


def inspector(types: Inference) -> str:
    """A file that looks at the types of fields; empty if none does."""
    for path, file in types.project.files.items():
        if not (_FIELDS.isdisjoint(file.attributes) or _TYPES.isdisjoint(file.attributes)):
            return path
    return ""


def reader(types: Inference) -> str:
    """The file that reads the encoders of a model; empty if none is seen to."""
    for path, file in types.project.files.items():
        if KEY in file.attributes:
            return path
        if {"model_config", "__config__"}.isdisjoint(file.attributes):
            continue
        calls = any(_names_them(one.call.args) for one in file.scope.calls)
        if calls or any(_names_them(one.value) for one in file.scope.bindings) or file.stands_in_functions(KEY):
            return path
    return ""


def _names_them(expr: object) -> bool:
    """Whether the word stands in an expression."""
    return any(isinstance(one, Const) and one.text == KEY for one in every_part(expr))
