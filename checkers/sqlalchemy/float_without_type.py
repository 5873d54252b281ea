"""A column is typed by `Mapped[float]` alone, which is another type in the database from SQLAlchemy 2.1 on.

## Why
`float` meant `FLOAT` in 2.0 and means `DOUBLE` in 2.1: new tables differ from the ones that are there, and Alembic
proposes to change them.

## Example
```python
price: Mapped[float] = mapped_column()
```
Use instead:
```python
price: Mapped[float] = mapped_column(Float)
```

## Fix safety
Safe: the type that 2.0 took is named.

## Limits
Annotations without a value (`price: Mapped[float]`) are reported only. Projects with a `type_annotation_map` are left
alone, for it may say what `float` is.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.index.extract import expression
from trueup.index.facts import Call
from trueup.infer import Inference
from trueup.libraries.sqlalchemy.columns import declared
from trueup.libraries.sqlalchemy.core import LIBRARIES
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Instance, without_none

from .core_calls import called

_MAPPED = "sqlalchemy.orm.Mapped"
_FLOAT = Instance("builtins.float")


def maps_annotations(types: Inference) -> bool:
    """Whether a project says itself which types of SQL annotations stand for."""
    key = "type_annotation_map"
    if any(field.name == key for symbol in types.project.classes() for field in symbol.facts.fields):
        return True
    return any(name == key for _, one in types.calls_named("registry") for name, _ in one.call.keywords)


@rule(
    "TUS703",
    "float-without-type",
    on=ast.AnnAssign,
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=("Mapped",),
    url="https://docs.sqlalchemy.org/en/21/changelog/migration_21.html",
    effort=1,
    step="sqlalchemy-columns",
)
def check(node: ast.AnnAssign, file: File) -> Iterator[Hit]:
    annotation = node.annotation
    if not isinstance(annotation, ast.Subscript) or not isinstance(file.parent(node), ast.ClassDef):
        return
    if "float" not in ast.unparse(annotation) or file.qualname(annotation.value) != _MAPPED:
        return
    if without_none(file.annotation(annotation.slice)) != _FLOAT or file.types.shared(maps_annotations):
        return
    message = "a column of `float` is FLOAT in SQLAlchemy 2.0 and DOUBLE in 2.1: say `mapped_column(Float)`"
    if node.value is None:
        yield Hit(node, message, safety=Safety.MANUAL)
    elif isinstance(node.value, ast.Call) and called(node.value, file) == "sqlalchemy.orm.mapped_column":
        call = expression(node.value)
        column = declared(file.types, call, file.site(node)) if isinstance(call, Call) else None
        if column is not None and column.type is None and not column.keys and not column.open:
            yield Hit(node.value, message)
