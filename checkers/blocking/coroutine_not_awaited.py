"""A coroutine that is made and never awaited: the call does nothing at all, and as a condition it is always true.

## Why
Calling an `async def` function only makes a coroutine; its body runs when that is awaited. A `session.commit()` of an
`AsyncSession` without `await` saves nothing, and the only trace is a warning, `coroutine ... was never awaited`, at
some later time. `if is_allowed(user):` without `await` lets everybody in: a coroutine is an object, and so is true.

## Example
```python
async def rename(user: User, name: str, db: AsyncSession) -> None:
    user.name = name
    db.commit()
```
Use instead:
```python
    await db.commit()
```

## Fix safety
The fix writes `await` in front of the call. It is unsafe only because the program then does what it did not do so
far. There is none in a plain `def`, which cannot await.

## Limits
Only calls that are a statement of their own, or a condition (`if`, `while`, `assert`, `not`, `and`, `or`), are found.
The function must be the project's own and without decorators,
which could run it, or one of SQLAlchemy's, Starlette's, FastAPI's or httpx's, or `asyncio.sleep`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeAlias

from trueup.file import File
from trueup.infer import Inference
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Callee, Type, Union

_Asking: TypeAlias = ast.If | ast.While | ast.IfExp | ast.Assert | ast.UnaryOp | ast.BoolOp
_HOLDERS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_LIBRARIES = ("sqlalchemy.ext.asyncio.", "sqlmodel.ext.asyncio.", "starlette.", "fastapi.", "httpx.")
_SINGLE = frozenset({"asyncio.sleep"})
_HARMLESS = frozenset({"staticmethod", "classmethod", "abstractmethod", "override", "overload"})
"""Decorators that leave a coroutine a coroutine."""


@rule(
    "TUA106",
    "coroutine-not-awaited",
    on=(ast.Expr, ast.If, ast.While, ast.IfExp, ast.Assert, ast.UnaryOp, ast.BoolOp),
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    triggers=("async def", "AsyncSession", "async_sessionmaker", "asyncio"),
    where=lambda facts, types, config: any(
        one.used in ("statement", "value") and not one.awaited
        for scope in (facts.scope, *[f.scope for f in facts.functions])
        for one in scope.calls
    ),
    url="https://docs.python.org/3/library/asyncio-dev.html#detect-never-awaited-coroutines",
    effort=5,
    step="async",
)
def check(node: ast.Expr | _Asking, file: File) -> Iterator[Hit]:
    for call in [node.value] if isinstance(node, ast.Expr) else _conditions(node, file):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name | ast.Attribute):
            continue
        name = call.func.id if isinstance(call.func, ast.Name) else call.func.attr
        if isinstance(node, ast.Expr) or name in file.types.shared(_names):
            yield from _found(call, call.func, node, file)


def _names(types: Inference) -> frozenset[str]:
    """How the project's own coroutines are called, and those of a session."""
    own = (one.name for file in types.project.files.values() for one in file.functions if one.is_async)
    return frozenset((*own, "execute", "get", "scalar", "scalars"))


def _conditions(node: _Asking, file: File) -> list[ast.expr]:
    """What a node asks whether it is true."""
    if isinstance(node, ast.UnaryOp):
        return [node.operand] if isinstance(node.op, ast.Not) else []
    if isinstance(node, ast.BoolOp):
        last = node.values[-1:] if isinstance(file.parent(node), ast.If | ast.While | ast.Assert) else []
        return [*node.values[:-1], *last]
    return [node.test]


def _found(call: ast.Call, func: ast.Name | ast.Attribute, node: ast.AST, file: File) -> Iterator[Hit]:
    name = _coroutine(file.types, file.type_of(func))
    if not name:
        return
    inside: ast.AST | None = node
    while inside is not None and not isinstance(inside, _HOLDERS):
        inside = file.parent(inside)
    can = isinstance(inside, ast.AsyncFunctionDef)
    shown = file.segment(func)
    wrong = "does nothing" if isinstance(node, ast.Expr) else "is always true"
    yield Hit(
        call,
        f"`{shown}(...)` {wrong}: `{name}` is a coroutine that nobody awaits; write `await` in front of it",
        safety=None if can else Safety.MANUAL,
        why="the call runs from now on" if can else "what holds the call is not async",
    )


def _coroutine(types: Inference, one: Type) -> str:
    """The name of the async function that is called, if it certainly is one."""
    if isinstance(one, Union):
        names = [_coroutine(types, item) for item in one.items]
        return names[0] if names and all(names) else ""
    if not isinstance(one, Callee):
        return ""
    function = types.project.function(one.qualname)
    if function is None or not function.facts.is_async or function.facts.is_generator:
        return ""
    own = function.file.path in types.project.files
    if not own and not one.qualname.startswith(_LIBRARIES) and one.qualname not in _SINGLE:
        return ""
    for decorator in function.facts.decorators if own else ():
        if str(getattr(decorator, "id", getattr(decorator, "attr", ""))) not in _HARMLESS:
            return ""
    parts = one.qualname.split(".")
    return ".".join(parts[-2:]) if len(parts) > 1 and parts[-2][:1].isupper() else parts[-1]
