"""An engine, a sessionmaker or an HTTP client that is made anew for each request.

## Why
An engine holds the pool of connections: one that is made in a route or a dependency opens a new connection for each
request, keeps it until it is collected, and can use up what the database allows. A client for HTTP loses its
connections too, and begins each request with a handshake. A sessionmaker only costs time.

## What to do
Make it once: at the top of a module, or in the application's lifespan, and let the dependency give it.

## Limits
Routes, dependencies and the other functions that FastAPI itself calls are looked at, and those that they call, at
most four calls away; there only what is made and used up in the function itself counts. What is kept in an attribute
or a global variable, or made in a cached function, is left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.index.facts import Call, Expr
from trueup.index.project import FunctionSymbol
from trueup.infer import Inference
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
    "redis.Redis": ("client", Severity.ADVICE),
    "redis.asyncio.Redis": ("client", Severity.ADVICE),
    "pymongo.MongoClient": ("client", Severity.WARNING),
    "pymongo.AsyncMongoClient": ("client", Severity.WARNING),
    "motor.motor_asyncio.AsyncIOMotorClient": ("client", Severity.WARNING),
}
_NAMES = frozenset(name.rpartition(".")[2] for name in _MADE)
_CALLS = 4
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
"""So many calls up the callers are asked."""
_CACHES = ("cache", "lru_cache", "alru_cache", "cached")


@rule(
    "TUA109",
    "engine-per-request",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.WARNING,
    fix=Safety.MANUAL,
    libraries=("fastapi", "starlette"),
    triggers=tuple(sorted(_NAMES)),
    where=lambda facts, types, config: layer_of_file(facts) != TEST and not _NAMES.isdisjoint(facts.called),
    url="https://docs.sqlalchemy.org/en/20/core/connections.html",
    effort=10,
)
def check(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    facts = file.function_at(node)
    if facts is None:
        return
    made = list(_made_in(node, file))
    if not made or any(
        isinstance(n, ast.Name | ast.Attribute) and _last(n) in _CACHES
        for d in node.decorator_list
        for n in ast.walk(d)
    ):
        return
    function = file.function_symbol(facts)
    role = entry(file.types, function)
    start = function if role is not None else _request(file.types, function, _CALLS)
    if start is None or (role is not None and role.kind == "websocket"):
        return
    kept = {name for one in ast.walk(node) if isinstance(one, ast.Global) for name in one.names}
    for call, name in made:
        if not _is_kept(call, kept, file) and (role is not None or _is_used_up(call, node, file)):
            what, severity = _MADE[name]
            why = (
                f"`{node.name}` is a {role.kind}"
                if role is not None
                else f"`{start.facts.name}` comes to `{node.name}`"
            )
            yield Hit(
                call,
                f"`{name.rpartition('.')[2]}` makes a new {what} for each request, because {why}; "
                "make it once, in the module or the lifespan",
                severity=severity,
            )


def _made_in(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[tuple[ast.Call, str]]:
    """The calls of a function's own body that make what `_MADE` knows, and the name of each."""
    for call in file.written(ast.Call, _NAMES):
        if not node.lineno <= call.lineno <= (node.end_lineno or call.lineno):
            continue
        if isinstance(call.func, ast.Name | ast.Attribute):
            name = _name(call.func, file)
            if name in _MADE and _body_around(call, file) is node:
                yield call, name


def _body_around(call: ast.Call, file: File) -> ast.AST | None:
    """The function, lambda or class in whose body a call stands; None in its head and outside of all."""
    inner: ast.AST = call
    outer = file.parent(call)
    while outer is not None and not isinstance(outer, _SCOPES):
        inner, outer = outer, file.parent(outer)
    return outer if isinstance(outer, ast.Lambda) or (isinstance(outer, _SCOPES) and inner in outer.body) else None


def _request(types: Inference, function: FunctionSymbol, calls: int) -> FunctionSymbol | None:
    """The route or dependency that comes to a function, as far as callers are known."""
    for site, one in types.calls_named(function.facts.name):
        if site.function is None or any(_last_of(d) in _CACHES for d in site.function.decorators):
            continue
        callee = types.type_of(one.call.func, site)
        if not isinstance(callee, Callee) or callee.qualname != function.qualname:
            continue
        caller = FunctionSymbol(f"{site.file.module}.{site.function.qualname}", site.file, site.function, ())
        role = entry(types, caller)
        if role is not None:
            return caller if role.kind != "websocket" else None
        above = _request(types, caller, calls - 1) if calls > 1 and caller.qualname != function.qualname else None
        if above is not None:
            return above
    return None


def _last_of(decorator: Expr) -> str:
    func = decorator.func if isinstance(decorator, Call) else decorator
    return str(getattr(func, "id", getattr(func, "attr", "")))


def _is_used_up(call: ast.Call, node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> bool:
    """Whether what a call makes stays in the function: in a `with`, or in a variable that is handed on to nobody."""
    outer = file.parent(call)
    if isinstance(outer, ast.withitem):
        return True
    if not isinstance(outer, ast.Assign) or len(outer.targets) != 1 or not isinstance(outer.targets[0], ast.Name):
        return False
    name = outer.targets[0].id
    for one in ast.walk(node):
        if isinstance(one, ast.Call):
            if _name(one.func, file) in _MADE or isinstance(file.parent(one), ast.withitem):
                continue
            handed = list(one.args)
        elif isinstance(one, ast.Return | ast.Yield):
            handed = _elements(one.value)
        else:
            handed = [one.value] if isinstance(one, ast.Assign) and one is not outer else []
        if any(isinstance(value, ast.Name) and value.id == name for value in handed):
            return False
    return True


def _elements(node: ast.expr | None) -> list[ast.expr]:
    """What is given back: the elements of a tuple or list, or the one value."""
    return node.elts if isinstance(node, ast.Tuple | ast.List) else [node] if node is not None else []


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
