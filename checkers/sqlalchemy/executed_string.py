"""SQL in a plain string is given to `execute()`, which SQLAlchemy 2 takes only if it is marked as SQL.

## Why
`connection.execute("SELECT 1")` raises `ObjectNotExecutableError` under 2.0, and `session.execute("SELECT 1")` raises
`ArgumentError`.

## Example
```python
connection.execute("VACUUM")
connection.execute("SELECT name FROM users WHERE id = %s", (1,))
session.execute("SELECT name FROM users WHERE id = :id", {"id": 1})
```
Use instead:
```python
connection.execute(text("VACUUM"))
connection.exec_driver_sql("SELECT name FROM users WHERE id = %s", (1,))
session.execute(text("SELECT name FROM users WHERE id = :id"), {"id": 1})
```

## Fix safety
Safe. A connection handed the string to the driver as it was, and so does `exec_driver_sql()`: it is written for
strings with parameters, with characters that `text()` reads in its own way (`:`, `%`, a backslash), and for all that
are not literals. Other strings are marked by `text()`, and so are all that a session gets, which took them for that.

## Limits
Connections and sessions of unknown type are left alone, and so are variables that are not known to be strings.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.core import LIBRARIES, MIGRATION
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import STR

from .core_calls import called

_METHODS = ("execute", "scalar", "scalars")
_CONNECTION = "sqlalchemy.Connection."
_SESSIONS = (
    "sqlalchemy.orm.Session.",
    "sqlalchemy.orm.scoped_session.",
    "sqlalchemy.ext.asyncio.AsyncSession.",
    "sqlalchemy.ext.asyncio.AsyncConnection.",
    "sqlalchemy.ext.asyncio.async_scoped_session.",
)


@rule(
    "TUS506",
    "executed-string",
    on=ast.Call,
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=_METHODS,
    where=lambda facts, types, config: not set(_METHODS).isdisjoint(facts.attributes),
    url=MIGRATION + "#execute-method-more-strict-execution-options-are-more-prominent",
    effort=1,
    step="sqlalchemy-core",
    prepares=True,
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    func = node.func
    if not isinstance(func, ast.Attribute) or func.attr not in _METHODS or not node.args:
        return
    statement = node.args[0]
    if not _may_be_string(statement):
        return
    name = called(node, file)
    is_connection = name.startswith(_CONNECTION)
    if not is_connection and not name.startswith(_SESSIONS):
        return
    text = _literal(statement)
    if text is None and file.type_of(statement) != STR:
        return
    what = "`{}()` takes no plain string in SQLAlchemy 2: {}"
    if is_connection and (text is None or len(node.args) + len(node.keywords) > 1 or _is_special(text)):
        message = what.format(func.attr, "hand it to the driver as it is, by `exec_driver_sql()`")
        yield Hit(node, message, clue=f"driver:{func.attr}")
    else:
        yield Hit(node, what.format(func.attr, "mark it with `text(...)`"), clue="text")


def _may_be_string(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    return isinstance(node, ast.JoinedStr | ast.BinOp | ast.Name | ast.Attribute | ast.Call)


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _is_special(text: str) -> bool:
    """Whether `text()` would read something in a string that the driver does not."""
    return any(sign in text for sign in ":%\\")
