"""An async sessionmaker without `expire_on_commit=False`: objects cannot be read any more after a commit.

## Why
After `commit()` a session expires its objects, and the next attribute that is read asks the database. With an
`AsyncSession` that raises `MissingGreenlet: greenlet_spawn has not been called`, where the response is made of the
object most often.

## Example
```python
sessions = async_sessionmaker(engine)
```
Use instead:
```python
sessions = async_sessionmaker(engine, expire_on_commit=False)
```

## Fix safety
The fix adds `expire_on_commit=False`. It is unsafe: objects keep the values they had, so that what the database
changed by itself (defaults of the server, triggers, other transactions) has to be asked for with `refresh`.

## Limits
Calls of `async_sessionmaker`, and of `sessionmaker` with `class_=AsyncSession`, that do not say `expire_on_commit`,
in projects that commit on an `AsyncSession` somewhere. Whether something is read afterwards is not followed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.infer import Inference
from trueup.layers import TEST, layer_of_file
from trueup.libraries.sqlalchemy.transactions import LIBRARIES
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Callee

_ASYNC = "sqlalchemy.ext.asyncio."
_MAKER = "async_sessionmaker"


@rule(
    "TUT110",
    "expiring-async-session",
    on=ast.Call,
    names=(_MAKER, "sessionmaker"),
    severity=Severity.ADVICE,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    triggers=(_MAKER, "AsyncSession"),
    where=lambda facts, types, config: layer_of_file(facts) != TEST,
    url="https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#preventing-implicit-io-when-using-asyncsession",
    effort=2,
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    given = {one.arg: one.value for one in node.keywords}
    if None in given or "expire_on_commit" in given:
        return
    name = (file.qualname(node.func) or "").rpartition(".")[2]
    if name == "sessionmaker":
        cls = given.get("class_")
        if cls is None or (file.qualname(cls) or "") not in (f"{_ASYNC}AsyncSession", f"{_ASYNC}session.AsyncSession"):
            return
    elif name != _MAKER:
        return
    if not file.types.shared(_commits):
        return
    yield Hit(
        node,
        "objects of its sessions cannot be read after a `commit()`, which raises `MissingGreenlet`: say "
        "`expire_on_commit=False`",
        why="Objects keep the values they had; what the database changes by itself has to be asked for with `refresh`.",
        span=file.span(node.func),
    )


def _commits(types: Inference) -> bool:
    """Whether something in the project commits on an `AsyncSession`."""
    for site, one in types.calls_named("commit"):
        callee = types.type_of(one.call.func, site)
        if isinstance(callee, Callee) and callee.qualname.startswith(_ASYNC) and layer_of_file(site.file) != TEST:
            return True
    return False
