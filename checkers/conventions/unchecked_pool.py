"""An engine that does not look whether its connections are still alive before it hands them out.

## Why
Databases, proxies and firewalls close connections that nobody uses for a while. The pool does not notice: the first
request after a quiet night, or after the database was restarted, gets one of them and answers 500.
`pool_pre_ping=True` asks first.

## Example
```python
engine = create_async_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=10, pool_recycle=1800)
```

## What to do
Say `pool_pre_ping=True`. It costs one round trip each time a connection is taken from the pool; where that is too
much, `pool_recycle` below the time-out of what closes them.

## Limits
Calls of `create_engine` and `create_async_engine` with neither `pool_pre_ping`, `pool_recycle`, `poolclass` nor `**`.
URLs that are written out and begin with `sqlite`, migrations, scripts and tests are left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.layers import SCRIPT, TEST, layer_of_file
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Callee

_MAKERS = ("create_engine", "create_async_engine")
_SAID = ("pool_pre_ping", "pool_recycle", "poolclass", "pool", "creator", "async_creator", None)


@rule(
    "TUC112",
    "unchecked-pool",
    on=ast.Call,
    names=_MAKERS,
    severity=Severity.ADVICE,
    fix=Safety.MANUAL,
    libraries=("sqlalchemy", "sqlmodel"),
    triggers=_MAKERS,
    where=lambda facts, types, config: layer_of_file(facts) not in (TEST, SCRIPT) and "sqlite" not in facts.module,
    url="https://docs.sqlalchemy.org/en/20/core/pooling.html#disconnect-handling-pessimistic",
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    callee = file.type_of(node.func)
    if not isinstance(callee, Callee) or not callee.qualname.startswith(("sqlalchemy.", "sqlmodel.")):
        return
    if callee.qualname.rpartition(".")[2] not in _MAKERS or any(one.arg in _SAID for one in node.keywords):
        return
    url = node.args[0] if node.args else next((one.value for one in node.keywords if one.arg == "url"), None)
    if isinstance(url, ast.JoinedStr) and url.values:
        url = url.values[0]
    if isinstance(url, ast.Constant) and str(url.value).startswith("sqlite"):
        return
    yield Hit(
        node,
        "its pool hands out connections that the database may have closed: say `pool_pre_ping=True`",
        span=file.span(node.func),
    )
