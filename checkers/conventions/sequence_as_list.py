"""`scalars(...).all()` returned under `-> list[User]`: it is annotated as a `Sequence`, and type checkers refuse it.

## Why
SQLAlchemy promises a `Sequence`. What one gets is a list today, so that nothing fails; but mypy and pyright report
each such function, and one that is reported for that hides what is reported beside it.

## Example
```python
async def list_users(db: AsyncSession) -> list[User]:
    return (await db.scalars(select(User))).all()
```

## Fix safety
The fix writes `list(...)` around it. It is safe: a list with the same objects.

## Limits
`return` statements whose value is certainly a `Sequence` that a result's `all()` gives, in functions annotated with a
`list`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.transactions import LIBRARIES
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Callee, Instance


@rule(
    "TUC118",
    "sequence-as-list",
    on=ast.Return,
    severity=Severity.ADVICE,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=("all",),
    where=lambda facts, types, config: "all" in facts.called,
    url="https://docs.sqlalchemy.org/en/20/core/connections.html#sqlalchemy.engine.ScalarResult.all",
)
def check(node: ast.Return, file: File) -> Iterator[Hit]:
    value = node.value
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute) or value.func.attr != "all":
        return
    around: ast.AST | None = node
    while around is not None and not isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef):
        around = file.parent(around)
    if around is None or around.returns is None:
        return
    promised = file.annotation(around.returns)
    callee = file.type_of(value.func)
    if not isinstance(promised, Instance) or promised.cls != "builtins.list" or not isinstance(callee, Callee):
        return
    if not callee.qualname.startswith("sqlalchemy.") or "Result" not in callee.qualname:
        return
    yield Hit(
        value,
        f"`all()` is annotated as a `Sequence` and `{around.name}` promises a list: write `list(...)` around it",
    )
