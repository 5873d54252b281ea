"""`Mapped[...]` and the arguments of its column contradict each other about NULL.

## Why
`nullable=` decides for the table, and type checkers believe the annotation: `Mapped[str]` with `nullable=True` hides
that the value can be None, `Mapped[Optional[str]]` with `nullable=False` or a primary key asks for tests that are
never needed. No tool compares the two, for `mapped_column()` returns a type that fits all.

## What to do
Make the annotation say what the table says: `Optional[...]` where NULL is allowed, none where it is not. The other
way round, to change `nullable=`, changes the table and needs a migration.

## Limits
Columns whose arguments are only known when they run are left alone, and so are those of a `TypeDecorator`, which may
make something else of NULL.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.index.extract import expression
from trueup.index.facts import Call
from trueup.libraries.sqlalchemy.columns import Declared, declared
from trueup.libraries.sqlalchemy.core import LIBRARIES
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import ClassObject, Instance, Union, Unknown, without_none

from .core_calls import called

_MAPPED = "sqlalchemy.orm.Mapped"
_COLUMN = "sqlalchemy.orm.mapped_column"
_DECORATOR = "sqlalchemy.TypeDecorator"


@rule(
    "TUS802",
    "annotation-against-column",
    on=ast.AnnAssign,
    severity=Severity.WARNING,
    fix=Safety.MANUAL,
    libraries=LIBRARIES,
    triggers=("Mapped",),
    url="https://docs.sqlalchemy.org/en/20/orm/declarative_tables.html#mapped-column-derives-the-datatype-and-nullability-from-the-mapped-annotation",
    effort=2,
)
def check(node: ast.AnnAssign, file: File) -> Iterator[Hit]:
    annotation, value = node.annotation, node.value
    if not isinstance(annotation, ast.Subscript) or not isinstance(value, ast.Call):
        return
    if not any(keyword.arg in ("nullable", "primary_key") for keyword in value.keywords):
        return
    if file.qualname(annotation.value) != _MAPPED or called(value, file) != _COLUMN:
        return
    one = file.annotation(annotation.slice)
    if isinstance(one, Unknown) or not isinstance(one, Instance | Union):
        return
    call = expression(value)
    if not isinstance(call, Call):
        return
    column = declared(file.types, call, file.site(node))
    is_optional = one != without_none(one)
    if column.primary_key:
        if is_optional:
            message = "a primary key is never None: take `Optional[...]` out of the annotation"
            yield Hit(annotation, message, safety=Safety.MANUAL)
    elif column.explicit and column.nullable and not is_optional and not _decides_itself(column, file):
        message = "`nullable=True` allows None, which the annotation does not say: write `Optional[...]`"
        yield Hit(annotation, message, safety=Safety.MANUAL)
    elif column.explicit and column.nullable is False and is_optional:
        message = "`nullable=False` refuses None, which the annotation allows: take `Optional[...]` out"
        yield Hit(annotation, message, safety=Safety.MANUAL)


def _decides_itself(column: Declared, file: File) -> bool:
    """Whether a type of the project makes the values, NULL may be an empty list then."""
    if column.type is None:
        return False
    found = file.types.type_of(column.type, column.site)
    return isinstance(found, Instance | ClassObject) and bool(file.types.is_subclass(found.cls, _DECORATOR))
