"""`FallbackAsyncAdaptedQueuePool` is imported, which SQLAlchemy 2.1 no longer has.

## Why
The import raises `ImportError`. The pool was the one of asynchronous drivers in synchronous code, with
`async_fallback=true` in the URL, which is gone too.

## Example
```python
from sqlalchemy.pool import FallbackAsyncAdaptedQueuePool
```
Use instead:
```python
from sqlalchemy.pool import AsyncAdaptedQueuePool as FallbackAsyncAdaptedQueuePool
```

## Fix safety
It is unsafe: `AsyncAdaptedQueuePool` is imported as the old name, and raises `MissingGreenlet` where the old one ran an
event loop of its own. Nothing changes for who only has the name in a table of pools.

## Limits
An import with a fallback (`try: ... except ImportError:`) is left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.core import LIBRARIES
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

from .fallbacks import has_fallback

_OLD, _NEW = "FallbackAsyncAdaptedQueuePool", "AsyncAdaptedQueuePool"
_MODULES = ("sqlalchemy.pool", "sqlalchemy.pool.impl", "sqlalchemy")
_TEXT = f"`{_OLD}` is gone in SQLAlchemy 2.1: import `{_NEW}`"
_WHY = "in synchronous code it raises where the old pool ran an event loop of its own"


@rule(
    "TUS705",
    "gone-pool-name",
    on=(ast.ImportFrom, ast.Attribute),
    names=frozenset({_OLD}),
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    versions="sqlalchemy>=2.1",
    triggers=(_OLD,),
    url="https://docs.sqlalchemy.org/en/21/changelog/migration_21.html",
    effort=2,
    step="sqlalchemy-core",
)
def check(node: ast.ImportFrom | ast.Attribute, file: File) -> Iterator[Hit]:
    if isinstance(node, ast.ImportFrom):
        asked = not node.level and node.module in _MODULES and any(alias.name == _OLD for alias in node.names)
        if asked and not has_fallback(node, file):
            yield Hit(node, _TEXT, clue=((_OLD, "sqlalchemy.pool", _NEW),), why=_WHY)
        return
    if node.attr != _OLD or not isinstance(node.ctx, ast.Load) or not isinstance(node.value, ast.Name | ast.Attribute):
        return
    if file.qualname(node.value) in _MODULES and not has_fallback(node, file):
        yield Hit(node, _TEXT, clue=("sqlalchemy.pool", _NEW), why=_WHY)
