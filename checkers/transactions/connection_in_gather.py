"""One connection of asyncpg that several tasks of a `gather` use at the same time.

## Why
A connection does one thing at a time. asyncpg refuses a second query while one is running: `InterfaceError: cannot
perform operation: another operation is in progress`. `gather` brings nothing there that could run side by side.

## Example
```python
async with pool.acquire() as connection:
    users, rooms = await asyncio.gather(connection.fetch("..."), connection.fetch("..."))
```

## What to do
Await one after the other; or call the methods of the pool (`pool.fetch`), which takes a connection for each.

## Limits
Calls of methods of one name, twice or more among the arguments of `asyncio.gather`, or in a comprehension of them,
where that is certainly a connection: annotated as `asyncpg.Connection`, made by `asyncpg.connect` or taken from a
pool with `acquire`. Task groups are not looked at. Sessions and connections of SQLAlchemy are TUA108's.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_QUERIES = ("fetch", "fetchrow", "fetchval", "execute", "executemany", "fetchmany", "copy_records_to_table", "prepare")
_KINDS = (
    "asyncpg.Connection", "asyncpg.connection.Connection", "asyncpg.pool.PoolConnectionProxy",
    "asyncpg.connect", "asyncpg.connection.connect",
)  # fmt: skip


@rule(
    "TUT111",
    "connection-in-gather",
    on=ast.Call,
    names=("gather",),
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    libraries=("asyncpg",),
    triggers=("gather",),
    where=lambda facts, types, config: "gather" in facts.called,
    url="https://magicstack.github.io/asyncpg/current/faq.html",
    effort=3,
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    if file.qualname(node.func) not in ("asyncio.gather", "asyncio.tasks.gather"):
        return
    users: dict[str, int] = {}
    for arg in node.args:
        repeated = isinstance(arg, ast.Starred)
        inner: ast.expr = arg.value if isinstance(arg, ast.Starred) else arg
        if isinstance(inner, ast.ListComp | ast.GeneratorExp):
            inner = inner.elt
        elif repeated:
            continue
        func = inner.func if isinstance(inner, ast.Call) else None
        if not isinstance(func, ast.Attribute) or func.attr not in _QUERIES or not _is_connection(func.value, file):
            continue
        name = ast.unparse(func.value)
        users[name] = users.get(name, 0) + (2 if repeated else 1)
    for name, times in users.items():
        if times > 1:
            yield Hit(
                node,
                f"`{name}` is one connection, which does one thing at a time: asyncpg raises `InterfaceError`; await "
                "one after the other, or call the pool's methods",
            )
            return


def _is_connection(node: ast.expr, file: File) -> bool:
    """Whether an expression is certainly a connection: by its annotation, or by what it was made of."""
    if isinstance(node, ast.Attribute):
        return _is_kept(node, file)
    if not isinstance(node, ast.Name):
        return False
    around: ast.AST | None = node
    while around is not None and not isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module):
        around = file.parent(around)
    if around is None:
        return False
    if isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef):
        for arg in [*around.args.posonlyargs, *around.args.args, *around.args.kwonlyargs]:
            if arg.arg == node.id:
                return arg.annotation is not None and _names(arg.annotation, file)
    for one in file.walk(around):
        if isinstance(one, ast.With | ast.AsyncWith):
            for item in one.items:
                if isinstance(item.optional_vars, ast.Name) and item.optional_vars.id == node.id:
                    return _gives(item.context_expr, file)
        if isinstance(one, ast.Assign) and any(isinstance(t, ast.Name) and t.id == node.id for t in one.targets):
            return _gives(one.value, file)
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and one.target.id == node.id:
            return _names(one.annotation, file)
    return False


def _names(annotation: ast.expr, file: File) -> bool:
    """Whether an annotation says a connection, with its parameters, in `Annotated` or beside `None`."""
    parts = [one for one in ast.walk(annotation) if isinstance(one, ast.Name | ast.Attribute)]
    return any(file.qualname(one) in _KINDS for one in parts)


def _gives(value: ast.expr, file: File) -> bool:
    """Whether an expression makes a connection or takes one from a pool."""
    inner = value.value if isinstance(value, ast.Await) else value
    if not isinstance(inner, ast.Call):
        return False
    if file.qualname(inner.func) in _KINDS:
        return True
    if not isinstance(inner.func, ast.Attribute) or inner.func.attr != "acquire":
        return False
    return "asyncpg" in file.facts.imported


def _is_kept(node: ast.Attribute, file: File) -> bool:
    """Whether `self.connection` is annotated, or given in `__init__`, as a connection."""
    owner = file.class_at(node)
    if owner is None or not isinstance(node.value, ast.Name) or node.value.id not in ("self", "cls"):
        return False
    cls = next((one for one in file.nodes(ast.ClassDef) if file.class_at(one) is owner), None)
    for one in ast.walk(cls) if cls is not None else ():
        if isinstance(one, ast.Assign) and any(ast.unparse(t) == ast.unparse(node) for t in one.targets):
            return _gives(one.value, file) or _is_connection(one.value, file)
        if isinstance(one, ast.AnnAssign) and ast.unparse(one.target) in (ast.unparse(node), node.attr):
            return _names(one.annotation, file)
    return False
