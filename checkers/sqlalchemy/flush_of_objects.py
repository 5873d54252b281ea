"""`session.flush(objects)` writes some of the pending objects only, which is deprecated in SQLAlchemy 2.1.

## Why
What is written alone may depend on what is not, so that the unit of work sorts out half of a graph. The argument was
never meant for general use, warns in 2.1 and will go.

## Example
```python
db.flush([user])
```
Use instead:
```python
db.flush()
```

## Fix safety
Unsafe: all that is pending is written then, not only the objects that were named.

## Limits
Sessions of unknown type are left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.queries import LIBRARIES
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Callee

_FLUSHES = ("sqlalchemy.orm.Session.flush", "sqlalchemy.ext.asyncio.AsyncSession.flush")


@rule(
    "TUS453",
    "flush-of-objects",
    on=ast.Call,
    severity=Severity.WARNING,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    triggers=("flush",),
    where=lambda facts, types, config: "flush" in facts.attributes,
    url="https://docs.sqlalchemy.org/en/21/orm/session_api.html#sqlalchemy.orm.Session.flush",
    effort=2,
    step="sqlalchemy-queries",
    prepares=True,
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    func = node.func
    if not isinstance(func, ast.Attribute) or func.attr != "flush" or len(node.args) + len(node.keywords) != 1:
        return
    if any(isinstance(arg, ast.Constant) and arg.value is None for arg in node.args):
        return
    found = file.type_of(func)
    if isinstance(found, Callee) and found.qualname in _FLUSHES:
        yield Hit(
            node,
            "`flush()` of some objects is deprecated in SQLAlchemy 2.1: flush them all",
            why="all that is pending is written then, not only these objects",
        )
