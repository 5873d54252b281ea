"""What stands below a declarative base, and what would break if the base were a `DeclarativeBase`."""

from __future__ import annotations

import builtins
import re
from collections.abc import Collection, Iterator

from msgspec import Struct

from ...index.expressions import last_name
from ...index.facts import Attr, Call, Class, Const, Display, Expr, Field, FileFacts, Function, Name, Op, Scope, Sub
from ...index.project import ClassSymbol, FunctionSymbol
from ...infer import Inference, Site
from ...model import Place
from ...types import Instance
from .columns import COLUMN, column_call, is_declared_attribute
from .mapping import DECLARATIVE_META, mapping, named
from .places import body_site

DECLARATIVE = "sqlalchemy.ext.declarative"
MOVED = frozenset(
    {"DeclarativeMeta", "as_declarative", "declarative_base", "declared_attr", "has_inherited_table", "synonym_for"}
)
"""What 1.4 moved from `sqlalchemy.ext.declarative` to `sqlalchemy.orm`."""

_PROPERTIES = frozenset(
    f"sqlalchemy.orm.{name}"
    for name in (
        "Composite", "CompositeProperty", "ColumnProperty", "MappedColumn", "MappedSQLExpression", "Relationship",
        "RelationshipProperty", "Synonym", "SynonymProperty",
    )
)  # fmt: skip
"""What `relationship()`, `column_property()`, `synonym()`, `mapped_column()` and the like give."""
_UNDERSTOOD = frozenset(f"sqlalchemy.orm.{name}" for name in ("Mapped", "DynamicMapped", "WriteOnlyMapped")) | {
    "sqlalchemy.ext.associationproxy.AssociationProxy"
}
"""Annotations that a mapped class may have on such attributes."""


class BaseRewrite(Struct, frozen=True):
    """What the new class needs that its old statement does not say."""

    name: str
    allow_unmapped: bool
    """Classes below it have annotations that SQLAlchemy 2 refuses without `__allow_unmapped__ = True`."""


class AllowUnmapped(Struct, frozen=True):
    """A base that stays as it is has to say `__allow_unmapped__ = True`."""


class RefusedAnnotation(Struct, frozen=True):
    """The annotation of what a method returns has to go."""


class QuotedAnnotation(Struct, frozen=True):
    """An annotation has to become text as a whole."""

    text: str


class MovedNames(Struct, frozen=True):
    """Names that are imported from where they no longer belong."""

    names: tuple[str, ...]


def classes_below(types: Inference, base: str, function: str) -> list[ClassSymbol]:
    """The classes below a base: of a module by its qualified name, of a function all declarative ones in it."""
    where = mapping(types)
    if not function:
        return where.below(base)
    module = base.partition(":")[0]
    return [
        symbol
        for symbol in types.project.classes()
        if symbol.file.module == module
        and symbol.facts.parent.startswith(function)
        and where.is_declarative(symbol.qualname)
    ]


# Annotations


def unmapped_annotations(types: Inference, classes: list[ClassSymbol], forbidden: str = "") -> list[Place]:
    """Where mapped classes have annotations that SQLAlchemy 2 takes for columns and cannot read.

    `forbidden`: a class whose `__allow_unmapped__` is not to count.
    """
    where = mapping(types)
    found = []
    for symbol in classes:
        if where.is_abstract(symbol) or not where.is_declarative(symbol.qualname):
            continue
        allowed = types.member(symbol.qualname, "__allow_unmapped__")
        owner = allowed.owner.qualname if allowed is not None else ""
        if owner not in ("", forbidden) and not owner.startswith("sqlalchemy."):
            continue
        for field in symbol.facts.fields:
            if field.annotation is not None and _is_refused(types, symbol, field):
                text = f"the annotation of `{field.name}` is not `Mapped[...]`"
                found.append(Place(symbol.file.path, field.pos.line, field.pos.column + 1, text))
    return found


def unevaluated(types: Inference, symbol: ClassSymbol, field: Field) -> bool:
    """Whether a refused annotation stops SQLAlchemy 2 even under `__allow_unmapped__`.

    It evaluates the text inside of `Optional["Node"]`, and `Node` is not there when the class is made.
    """
    annotation = field.annotation
    if annotation is None or isinstance(annotation, Const) or not (field.value is None or _is_none(field.value)):
        return False
    return any(_is_missing(types, symbol, name) for name in _quoted(annotation)) and _is_refused(types, symbol, field)


def hidden_class_variables(types: Inference, classes: list[ClassSymbol]) -> list[Place]:
    """Where a `ClassVar["Node"]` is fine, and stops SQLAlchemy 2 as soon as the class has `__allow_unmapped__`."""
    found = []
    for symbol in classes:
        for field in symbol.facts.fields:
            annotation = field.annotation
            if not isinstance(annotation, Sub) or not (field.value is None or _is_none(field.value)):
                continue
            missing = any(_is_missing(types, symbol, name) for name in _quoted(annotation))
            if missing and types.qualname(annotation.value, body_site(types, symbol, field)) == "typing.ClassVar":
                text = f"the `ClassVar` of `{field.name}`"
                found.append(Place(symbol.file.path, field.pos.line, field.pos.column + 1, text))
    return found


def _is_none(value: Expr) -> bool:
    return isinstance(value, Const) and value.kind == "none"


def _quoted(annotation: Expr) -> Iterator[str]:
    """The names in the text inside of an annotation."""
    match annotation:
        case Sub(value=value, items=items):
            if not isinstance(value, Name | Attr) or last_name(value) != "Literal":
                for item in items:
                    yield from _quoted(item)
        case Op(left=left, right=right):
            yield from _quoted(left)
            yield from _quoted(right)
        case Const(kind="str", text=text):
            yield from re.findall(r"(?<![\w.])[A-Za-z_]\w*", text)


def _is_missing(types: Inference, symbol: ClassSymbol, name: str) -> bool:
    """Whether a name means nothing among the names of the module when a class is made."""
    if name == symbol.facts.name or hasattr(builtins, name):
        return False
    names = types.project.names(symbol.file.scope)
    if any(one.when != "type-checking" for one in names.imports.get(name, [])):
        return False
    return not any(binding.line < symbol.facts.pos.line for binding in names.bindings.get(name, []))


def _is_refused(types: Inference, symbol: ClassSymbol, field: Field) -> bool:
    if field.name.startswith(("__", "_sa_")) or field.annotation is None:
        return False
    site = body_site(types, symbol, field)
    described = types.annotation(field.annotation, site)
    if isinstance(described, Instance) and described.cls in _UNDERSTOOD:
        return False
    plain = types.qualname(getattr(field.annotation, "value", field.annotation), site) or ""
    if plain == "typing.ClassVar" or plain in _UNDERSTOOD:
        return False
    value = field.value
    if value is None or _is_none(value):
        return True
    made = types.type_of(value, site)
    return isinstance(made, Instance) and made.cls in _PROPERTIES and _maker(types, value, site) != COLUMN


def refuses_annotation(types: Inference, symbol: ClassSymbol, function: FunctionSymbol) -> bool:
    """Whether SQLAlchemy 2 cannot import classes that take a `declared_attr` from a mixin, because of what it returns.

    There, unlike in a mapped class itself, any annotation but `Mapped[...]` stops it, whatever is returned.
    """
    facts, where = function.facts, mapping(types)
    if facts.returns is None or facts.name.startswith(("__", "_sa_")):
        return False
    is_mixin = symbol.qualname in where.mixins
    if not is_mixin and not (where.is_abstract(symbol) and where.is_declarative(symbol.qualname)):
        return False
    if not is_declared_attribute(types, function):
        return False
    for value, line, column in facts.returned:
        if column_call(types, value, Site(function.file, facts, None, 0, line, column)) is not None:
            return False  # a column gets its `Mapped[...]` from another rule
    site = types.definition_site(facts, function.file)
    described = types.annotation(facts.returns, site)
    if isinstance(described, Instance) and described.cls in _UNDERSTOOD:
        return False
    plain = types.qualname(getattr(facts.returns, "value", facts.returns), site) or ""
    return plain not in _UNDERSTOOD and plain != "typing.ClassVar"


def _maker(types: Inference, value: Expr, site: Site) -> str:
    return named(types, value.func, site) if isinstance(value, Call) else ""


# Blockers


def metaclass_tests(types: Inference) -> list[Place]:
    """Where the project asks whether something is a `DeclarativeMeta`: never true of a `DeclarativeBase`."""
    return types.shared(_metaclass_tests)


def _metaclass_tests(types: Inference) -> list[Place]:
    return list(_tests_of_metaclass(types))


def _tests_of_metaclass(types: Inference) -> Iterator[Place]:
    for file in types.project.files.values():
        if "sqlalchemy" not in file.imported:
            continue
        for scope, function, klass in _scopes(file):
            for one in scope.calls:
                call = one.call
                if not isinstance(call.func, Name) or call.func.id not in ("isinstance", "issubclass"):
                    continue
                site = Site(file, function, klass, one.block, one.pos.line, one.pos.column)
                asked = call.args[1:2]
                classes = asked[0].items if asked and isinstance(asked[0], Display) else asked
                if any(named(types, expr, site) == DECLARATIVE_META for expr in classes):
                    text = f"`{call.func.id}(..., DeclarativeMeta)`"
                    yield Place(file.path, one.pos.line, one.pos.column + 1, text)


def _scopes(file: FileFacts) -> Iterator[tuple[Scope, Function | None, Class | None]]:
    yield file.scope, None, None
    for klass in file.classes:
        yield klass.scope, None, klass
    for function in file.functions:
        yield function.scope, function, None


def metaclasses(types: Inference, classes: list[ClassSymbol], but: Collection[str]) -> list[Place]:
    """Where classes, or what they inherit from, have a metaclass of their own that is made for `DeclarativeMeta`."""
    found = {}
    for symbol in _with_parents(types, classes):
        if symbol.qualname in but:
            continue
        metaclass = mapping(types).metaclass(symbol)
        if metaclass is not None and types.is_subclass(metaclass, DECLARATIVE_META) is not False:
            found[symbol.qualname] = _place(symbol, f"`{symbol.facts.name}` has a metaclass of its own")
    return list(found.values())


def init_subclasses(types: Inference, classes: list[ClassSymbol]) -> list[Place]:
    """Where classes, or what they inherit from, define `__init_subclass__`, in which a `DeclarativeBase` maps."""
    found = {}
    for symbol in _with_parents(types, classes):
        if "__init_subclass__" in symbol.facts.methods:
            found[symbol.qualname] = _place(symbol, f"`{symbol.facts.name}` defines `__init_subclass__`")
    return list(found.values())


def _with_parents(types: Inference, classes: list[ClassSymbol]) -> Iterator[ClassSymbol]:
    names = dict.fromkeys(name for symbol in classes for name in types.mro(symbol.qualname).names)
    for name in names:
        symbol = types.project.klass(name)
        if symbol is not None and symbol.file.path in types.project.files:
            yield symbol


def _place(symbol: ClassSymbol, text: str) -> Place:
    return Place(symbol.file.path, symbol.facts.pos.line, symbol.facts.pos.column + 1, text)
