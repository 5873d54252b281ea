"""A row is read like a dictionary: `row["name"]`, `dict(row)`, `row.keys()`, `"name" in row`.

## Why
Rows are named tuples in 2.0: `row["name"]` raises `TypeError`, `row.keys()` raises `AttributeError`, `dict(row)` raises
too. `"name" in row` raises nothing: it looks among the values, and is false as a rule.

## Example
```python
for row in connection.execute(stmt):
    yield row["name"], dict(row)
```
Use instead:
```python
for row in connection.execute(stmt):
    yield row._mapping["name"], dict(row._mapping)
```

## Fix safety
Safe: `row._mapping` is the dictionary that the row itself was, under 1.4 too. (`row.name` reads better, and
`result.mappings()` gives dictionaries.) `in` is unsafe: rows of a session looked among the values already under 1.4.

## Limits
Rows of unknown type are left alone, those of `session.query(...)` among them, which were never dictionaries.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.core import LIBRARIES, MIGRATION
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import STR, Instance, without_none

_ROW = "sqlalchemy.Row"
_METHODS = ("keys", "items", "values")
_CONTAINS = "rows of a session looked among the values already, rows of a connection among the names"


@rule(
    "TUS509",
    "row-by-key",
    on=(ast.Subscript, ast.Call, ast.Dict, ast.Compare),
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=("execute", "fetchall", "fetchone", "first", "Row", "RowProxy", "mappings", "all", "one"),
    where=lambda facts, types, config: "sqlalchemy" in facts.imported or "execute" in facts.attributes,
    url=MIGRATION + "#result-rows-act-like-named-tuples",
    effort=2,
    step="sqlalchemy-core",
    prepares=lambda finding: finding.safety is Safety.SAFE,
)
def check(node: ast.Subscript | ast.Call | ast.Dict | ast.Compare, file: File) -> Iterator[Hit]:
    match node:
        case ast.Subscript(value=row, slice=key, ctx=ast.Load()) if _may_be_key(key):
            if isinstance(row, ast.Name | ast.Attribute | ast.Call) and _is_row(row, file) and _is_key(key, file):
                yield _hit(row, f"`{file.segment(node)}`: rows are tuples in SQLAlchemy 2, not dictionaries")
        case ast.Call(func=ast.Attribute(value=row, attr=method), args=[], keywords=[]) if method in _METHODS:
            if _is_row(row, file):
                yield _hit(row, f"`{file.segment(node)}`: rows are tuples in SQLAlchemy 2, not dictionaries")
        case ast.Call(func=ast.Name(id="dict"), args=[row]) if _is_row(row, file):
            yield _hit(row, f"`dict({file.segment(row)})`: rows are tuples in SQLAlchemy 2, not dictionaries")
        case ast.Call(func=ast.Attribute(value=row, attr="has_key")) if _is_row(row, file):
            message = "a row has no `has_key()` in SQLAlchemy 2: say `key in row._mapping`"
            yield Hit(node, message, safety=Safety.MANUAL)
        case ast.Call(keywords=keywords):
            for keyword in keywords:
                if keyword.arg is None and _is_row(keyword.value, file):
                    yield _hit(keyword.value, "`**` of a row: rows are tuples in SQLAlchemy 2, not dictionaries")
        case ast.Dict(keys=keys, values=values):
            for name, value in zip(keys, values, strict=True):
                if name is None and _is_row(value, file):
                    yield _hit(value, "`**` of a row: rows are tuples in SQLAlchemy 2, not dictionaries")
        case ast.Compare(left=ast.Constant(value=str()), ops=[ast.In() | ast.NotIn()], comparators=[row]):
            if _is_row(row, file):
                message = f"`{file.segment(node)}` looks among the values of the row in SQLAlchemy 2, not the names"
                yield Hit(row, f"{message}: say `row._mapping`", safety=Safety.UNSAFE, why=_CONTAINS, clue="_mapping")


def _hit(row: ast.expr, message: str) -> Hit:
    return Hit(row, f"{message}: say `row._mapping`", clue="_mapping")


def _may_be_key(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    return isinstance(node, ast.Name | ast.Attribute | ast.JoinedStr)


def _is_key(node: ast.expr, file: File) -> bool:
    """Whether a subscript is a name or a column, and no number."""
    if isinstance(node, ast.Constant | ast.JoinedStr):
        return True
    one = file.type_of(node)
    if one == STR:
        return True
    if isinstance(one, Instance):
        return bool(file.types.is_subclass(one.cls, "sqlalchemy.ColumnElement"))
    # `users.c.name`: what a table has for columns is not known by type.
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "c"


def _is_row(node: ast.expr, file: File) -> bool:
    if not isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript):
        return False
    one = without_none(file.type_of(node))
    return isinstance(one, Instance) and one.cls == _ROW
