"""An engine, a sessionmaker or an HTTP client that is made anew for each request.

## Why
An engine holds the pool of connections: one that is made in a route or a dependency opens a new connection for each
request, keeps it until it is collected, and can use up what the database allows. A client for HTTP loses its
connections too, and begins each request with a handshake. A sessionmaker only costs time.

## What to do
Make it once: at the top of a module, or in the application's lifespan, and let the dependency give it.

## Limits
Only routes, dependencies and the other functions that FastAPI itself calls are looked at, not what these call. What is
kept in an attribute or a global variable, or made in a cached function, is left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.layers import TEST, layer_of_file
from trueup.libraries.fastapi import entry
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Callee, ClassObject

_MADE = {
    "sqlalchemy.create_engine": ("engine", Severity.ERROR),
    "sqlmodel.create_engine": ("engine", Severity.ERROR),
    "sqlalchemy.ext.asyncio.create_async_engine": ("engine", Severity.ERROR),
    "sqlalchemy.orm.sessionmaker": ("sessionmaker", Severity.ADVICE),
    "sqlalchemy.ext.asyncio.async_sessionmaker": ("sessionmaker", Severity.ADVICE),
    "httpx.AsyncClient": ("client", Severity.ADVICE),
    "httpx.Client": ("client", Severity.ADVICE),
    "aiohttp.ClientSession": ("client", Severity.ADVICE),
}
_CACHES = ("cache", "lru_cache", "alru_cache", "cached")


@rule(
    "TUA109",
    "engine-per-request",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.WARNING,
    fix=Safety.MANUAL,
    libraries=("fastapi", "starlette"),
    triggers=tuple({name.rpartition(".")[2] for name in _MADE}),
    where=lambda facts, types, config: (
        layer_of_file(facts) != TEST and any(name.rpartition(".")[2] in facts.called for name in _MADE)
    ),
    url="https://docs.sqlalchemy.org/en/20/core/connections.html",
    effort=10,
)
def check(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    facts = file.function_at(node)
    if facts is None:
        return
    function = file.function_symbol(facts)
    role = entry(file.types, function)
    if role is None or role.kind == "websocket":
        return
    if any(
        isinstance(n, ast.Name | ast.Attribute) and _last(n) in _CACHES
        for d in node.decorator_list
        for n in ast.walk(d)
    ):
        return
    kept = {name for one in ast.walk(node) if isinstance(one, ast.Global) for name in one.names}
    for statement in node.body:
        for call in file.walk(statement):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name | ast.Attribute):
                continue
            name = _name(call.func, file)
            if name in _MADE and not _is_kept(call, kept, file):
                what, severity = _MADE[name]
                shown = name.rpartition(".")[2]
                yield Hit(
                    call,
                    f"`{shown}` makes a new {what} for each request, because `{node.name}` is a {role.kind}; "
                    "make it once, in the module or the lifespan",
                    severity=severity,
                )


def _name(func: ast.expr, file: File) -> str:
    found = file.type_of(func)
    if isinstance(found, ClassObject):
        return found.cls
    return found.qualname if isinstance(found, Callee) else file.qualname(func) or ""


def _last(node: ast.Name | ast.Attribute) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr


def _is_kept(call: ast.Call, kept: set[str], file: File) -> bool:
    outer = file.parent(call)
    targets = (
        outer.targets if isinstance(outer, ast.Assign) else [outer.target] if isinstance(outer, ast.AnnAssign) else []
    )
    return any(
        isinstance(one, ast.Attribute | ast.Subscript) or (isinstance(one, ast.Name) and one.id in kept)
        for one in targets
    )
