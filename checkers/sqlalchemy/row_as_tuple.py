"""A row or a result is turned into tuples for type checkers: `row.tuple()`, `row.t`, `result.tuples()`.

## Why
Since 2.1 a `Row` is a tuple to type checkers by itself. The methods that said so are deprecated.

## Example
```python
number, name = row.tuple()
```
Use instead:
```python
number, name = row
```

## Fix safety
Safe: they returned the row or the result itself. Under 2.0 type checkers know less without them.

## Limits
Rows and results of unknown type are left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.core import LIBRARIES
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Instance

from .core_calls import called

_METHODS = ("tuple", "_tuple", "tuples")
_PROPERTIES = ("t", "_t")
_OWNERS = ("sqlalchemy.Row", "sqlalchemy.Result")


@rule(
    "TUS702",
    "row-as-tuple",
    on=(ast.Call, ast.Attribute),
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    versions="sqlalchemy>=2.1",
    triggers=(*_METHODS, *_PROPERTIES),
    where=lambda facts, types, config: not {*_METHODS, *_PROPERTIES}.isdisjoint(facts.attributes),
    url="https://docs.sqlalchemy.org/en/21/changelog/migration_21.html",
    effort=1,
    step="sqlalchemy-core",
)
def check(node: ast.Call | ast.Attribute, file: File) -> Iterator[Hit]:
    if isinstance(node, ast.Attribute):
        if node.attr not in _PROPERTIES or not isinstance(node.ctx, ast.Load):
            return
        one = file.type_of(node.value)
        if isinstance(one, Instance) and any(file.types.is_subclass(one.cls, owner) for owner in _OWNERS):
            yield Hit(node, f"`.{node.attr}` is deprecated in SQLAlchemy 2.1: rows are tuples by themselves")
    elif isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS and not node.args:
        name = called(node, file)
        if name.startswith(tuple(f"{owner}." for owner in _OWNERS)):
            yield Hit(node, f"`{node.func.attr}()` is deprecated in SQLAlchemy 2.1: rows are tuples by themselves")
