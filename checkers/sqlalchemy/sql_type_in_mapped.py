"""`Mapped[String]`: a SQL type where the type of the value in Python belongs.

## Why
`Mapped[...]` says what an instance holds, and SQLAlchemy derives the column's type and nullability from it.
`Mapped[UUID(as_uuid=True)]` fails when the class is made; with the type given in `mapped_column(...)` too it is
accepted, and type checkers are told that the attribute is an object of class `String`.

## What to do
Write the Python type: `Mapped[str] = mapped_column(String(50))`, `Mapped[uuid.UUID] =
mapped_column(UUID(as_uuid=True))`, and `Optional[...]` around it where NULL is allowed.

## Limits
Types from other libraries are seen where their source is known.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.sqltypes import ENGINE
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import ClassObject, Instance

_MAPPED = "sqlalchemy.orm.Mapped"


@rule(
    "TUS202",
    "sql-type-in-mapped",
    on=ast.AnnAssign,
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    libraries=("sqlalchemy",),
    triggers=("Mapped",),
    url="https://docs.sqlalchemy.org/en/20/orm/declarative_tables.html#mapped-column-derives-the-datatype-and-nullability-from-the-mapped-annotation",
    effort=2,
    step="sqlalchemy-columns",
)
def check(node: ast.AnnAssign, file: File) -> Iterator[Hit]:
    annotation = node.annotation
    if not isinstance(annotation, ast.Subscript) or file.qualname(annotation.value) != _MAPPED:
        return
    for part in _parts(annotation.slice):
        if isinstance(part, ast.Call):
            found = file.type_of(part)
            is_type = isinstance(found, Instance) and bool(file.types.is_subclass(found.cls, ENGINE))
        else:
            found = file.type_of(part)
            is_type = isinstance(found, ClassObject) and bool(file.types.is_subclass(found.cls, ENGINE))
        if is_type:
            message = (
                f"`{ast.unparse(part)}` is a type of SQL, and `Mapped[...]` says what an instance holds; write the "
                "Python type there, and the SQL type in `mapped_column(...)`"
            )
            yield Hit(part, message)


def _parts(node: ast.expr) -> Iterator[ast.expr]:
    """The members of a union, `Optional[...]` taken off."""
    match node:
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            yield from _parts(left)
            yield from _parts(right)
        case ast.Subscript(value=ast.Name(id="Optional") | ast.Attribute(attr="Optional"), slice=inner):
            yield from _parts(inner)
        case ast.Name() | ast.Attribute() | ast.Call():
            yield node
