"""A condition or an order is given to a query as a plain string of SQL.

## Why
SQLAlchemy takes SQL in a string only if it is marked as such, with `text()`: `filter("id = 1")` and
`order_by("id desc")` raise. A name alone, `order_by("name")`, is looked up among the columns and may stay.

## Example
```python
db.query(User).filter("age > 18").order_by("age desc")
```
Use instead:
```python
db.query(User).filter(text("age > 18")).order_by(text("age desc"))
```

## Fix safety
Safe: `text()` says what the string was taken for.

## Limits
Strings in variables are not seen, nor are methods of objects that are not known to be queries or statements.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.queries import LIBRARIES
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

from .query_entities import is_query_method

_CONDITIONS = ("filter", "where", "having")
_COLUMNS = ("order_by", "group_by")


@rule(
    "TUS404",
    "sql-as-plain-string",
    on=ast.Call,
    names=(*_CONDITIONS, *_COLUMNS),
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=(*_CONDITIONS, *_COLUMNS),
    url="https://docs.sqlalchemy.org/en/20/core/sqlelement.html#sqlalchemy.sql.expression.text",
    effort=1,
    step="sqlalchemy-queries",
    prepares=True,
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    func = node.func
    if not isinstance(func, ast.Attribute):
        return
    texts = [arg for arg in node.args if _is_sql(arg, func.attr)]
    if texts and is_query_method(node, file):
        for arg in texts:
            yield Hit(arg, f"`{func.attr}()` takes no plain string of SQL and raises: mark it with `text(...)`")


def _is_sql(node: ast.expr, method: str) -> bool:
    match node:
        case ast.Constant(value=str(text)):
            return method in _CONDITIONS or not text.replace(".", "_").isidentifier()
        case ast.JoinedStr():
            return True
        case ast.BinOp(left=left, op=ast.Mod() | ast.Add()):
            return _is_sql(left, "filter")
        case ast.Call(func=ast.Attribute(attr="format", value=ast.Constant(value=str()))):
            return True
    return False
