"""A field of a SQLModel is never None by its annotation, and its `sa_column=` allows NULL.

## Why
With `sa_column=` the annotation says nothing of the table: `name: str = Field(sa_column=Column(String))` is a column
that allows NULL, for that is the default of `Column`. (`mapped_column()` has another: to change one into the other
changes the table.)

## Example
```python
name: str = Field(sa_column=Column(String(50)))
```
Use instead:
```python
name: str = Field(sa_column=Column(String(50), nullable=False))
```

## What to do
Say `nullable=False` (with a migration where the table is there already), or `nullable=True` and `Optional[...]`.
`Field(sa_type=String(50))` leaves NULL to the annotation.

## Limits
Columns whose arguments are only known when they run are left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.index.extract import expression
from trueup.index.facts import Call
from trueup.libraries.sqlalchemy.columns import declared
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Union, Unknown, without_none

from .core_calls import called


@rule(
    "TUS902",
    "nullable-sa-column",
    on=ast.AnnAssign,
    severity=Severity.WARNING,
    fix=Safety.MANUAL,
    libraries=("sqlmodel",),
    triggers=("sa_column",),
    url="https://sqlmodel.tiangolo.com/advanced/",
    effort=3,
)
def check(node: ast.AnnAssign, file: File) -> Iterator[Hit]:
    if not isinstance(node.value, ast.Call) or not isinstance(file.parent(node), ast.ClassDef):
        return
    given = next((keyword.value for keyword in node.value.keywords if keyword.arg == "sa_column"), None)
    if not isinstance(given, ast.Call) or called(given, file) != "sqlalchemy.Column":
        return
    if not called(node.value, file).startswith("sqlmodel."):
        return
    one = file.annotation(node.annotation)
    call = expression(given)
    if isinstance(one, Unknown) or (isinstance(one, Union) and one != without_none(one)) or not isinstance(call, Call):
        return
    column = declared(file.types, call, file.site(node))
    if column.nullable and not column.primary_key:
        message = (
            "the column allows NULL, which the annotation does not say: `sa_column=` decides alone, so say "
            "`nullable=False` there, or `Optional[...]` here"
        )
        yield Hit(given, message, safety=Safety.MANUAL)
