"""Whether an async route can become a plain `def`, which FastAPI runs in a thread, and what stands in the way."""

from __future__ import annotations

import ast
from typing import NamedTuple

from trueup.file import File
from trueup.index.facts import Call, CallSite, Const
from trueup.index.project import FunctionSymbol
from trueup.infer import Inference, Site
from trueup.infer.reach import Route, Target, routes
from trueup.libraries.blocking import Blocking, blocking_call
from trueup.libraries.blocking.reached import DATABASE, comes_to
from trueup.libraries.fastapi import entry, functions_of, route_decorator
from trueup.libraries.loop import LIFESPAN, runs_on_loop
from trueup.model import Place, Safety
from trueup.types import Callee, Foreign

from .naming import short
from .referrers import referrer
from .shared_state import DEPTH, shared_state

ROUTE = "route"
_OF_LOOP = ("asyncio.", "anyio.")
_CONTEXT = ("contextvars.ContextVar.set", "contextvars.ContextVar.reset")
_SHARED = frozenset({"archive", "process", "tree"})
"""Families of calls that work on what belongs to all requests: files, and whatever a program does."""


class Demotion(NamedTuple):
    """How safely a function can become a plain `def`; why not, or not so safely, and where that stands."""

    safety: Safety
    why: str = ""
    place: Place | None = None
    awaits: bool = False
    """It waits for something itself, so that no `def` can do what it does."""

    @property
    def possible(self) -> bool:
        """Whether a repair can do it."""
        return self.safety is not Safety.MANUAL


def database_ways(types: Inference, function: FunctionSymbol) -> list[Route[Blocking]]:
    """The ways from a function that runs on the loop to sync calls of databases, nearest first."""
    if runs_on_loop(types, function) in (None, LIFESPAN):
        return []
    return routes(
        types,
        function,
        _database,
        through=lambda target, call: target.function is not None,
        along=lambda step: comes_to(types, step),
        depth=DEPTH,
    )


def _database(target: Target, call: CallSite) -> Blocking | None:
    if call.awaited:
        return None
    known = blocking_call(target.name)
    return known if known is not None and known.family in DATABASE else None


def demotion(node: ast.AsyncFunctionDef, file: File, function: FunctionSymbol, ways: list[Route[Blocking]]) -> Demotion:
    """Whether a function that FastAPI runs on the loop can become a plain `def`.

    `ways`: those from it to sync calls of databases, as `database_ways` gives them.
    """
    kind = runs_on_loop(file.types, function)
    facts = function.facts
    awaiting = _awaiting(node) if facts.awaits else []
    if awaiting:
        more = f" and {len(awaiting) - 1} more" if len(awaiting) > 1 else ""
        why = f"it awaits (line {awaiting[0].lineno}{more})"  # type: ignore[attr-defined]
        return Demotion(Safety.MANUAL, why, file.place(awaiting[0], "awaits here"), True)
    if kind != ROUTE:
        article = "an" if (kind or "async")[0] in "aeiou" else "a"
        return Demotion(Safety.MANUAL, f"it is {article} {kind or 'async function'}, and only routes are changed")
    obstacle = _shape(node, file, function) or _needs_loop(node, file, function) or _awaited(file, function)
    if obstacle:
        return Demotion(Safety.MANUAL, *obstacle)
    doubt = (
        shared_state(node, file, function)
        or referrer(file, function)
        or _routers(file, function)
        or _sqlite(file, ways)
        or _files(file, function)
    )
    return Demotion(Safety.UNSAFE, *doubt) if doubt else Demotion(Safety.SAFE)


_Reason = tuple[str, Place | None] | None


def _awaiting(node: ast.AsyncFunctionDef) -> list[ast.AST]:
    kinds = (ast.Await, ast.AsyncFor, ast.AsyncWith)
    found: list[ast.AST] = [n for n in ast.walk(node) if isinstance(n, kinds)]
    comprehensions = [n for n in ast.walk(node) if getattr(n, "generators", None)]
    found += [n for n in comprehensions if any(c.is_async for c in n.generators)]  # type: ignore[attr-defined]
    return sorted(found, key=lambda one: (one.lineno, one.col_offset))  # type: ignore[attr-defined]


# What makes it impossible ---------------------------------------------------------------------------------------------


def _shape(node: ast.AsyncFunctionDef, file: File, function: FunctionSymbol) -> _Reason:
    facts = function.facts
    if facts.owner:
        return "it is a method, and what else calls it is not known", None
    if facts.is_generator:
        return "it is a generator", None
    other = _other_decorator(node, file, function)
    if other is not None:
        return f"`@{file.segment(other)}` (line {other.lineno}) may await it", file.place(other, "may await it")
    for inner in ast.walk(node):
        if isinstance(inner, ast.AsyncFunctionDef) and inner is not node:
            return f"it defines an async function (line {inner.lineno})", file.place(inner, "an async function")
    return None


def _other_decorator(node: ast.AsyncFunctionDef, file: File, function: FunctionSymbol) -> ast.expr | None:
    """A decorator that is not a route's."""
    role = entry(file.types, function)
    if role is not None and role.only_routed:
        return None
    site = file.types.definition_site(function.facts, function.file)
    for one, facts in zip(node.decorator_list, function.facts.decorators, strict=True):
        if route_decorator(file.types, facts, site) is None:
            return one
    return None


def _needs_loop(node: ast.AsyncFunctionDef, file: File, function: FunctionSymbol) -> _Reason:
    """What the function, or a plain function it calls, can only do on the loop."""
    ways = routes(
        file.types,
        function,
        lambda target, call: _on_loop(target, file.types),
        through=lambda target, call: target.function is not None,
        along=lambda step: comes_to(file.types, step),
        depth=DEPTH,
    )
    for way in ways:
        step = way.steps[-1]
        place = Place(step.caller.file.path, step.call.pos.line, step.call.pos.column + 1, way.found)
        if len(way.steps) == 1:
            return f"it {way.found} (line {place.line})", place
        return f"`{short(way.steps[0].target.name)}` {way.found} ({place.path}:{place.line})", place
    if {"asyncio", "anyio"} & set(file.facts.imported):
        for one in file.walk(node):
            if isinstance(one, ast.Name | ast.Attribute) and one.lineno >= node.body[0].lineno:
                name = file.qualname(one)
                if name is not None and name.startswith(_OF_LOOP):
                    return f"it uses `{name}` (line {one.lineno})", file.place(one, f"uses `{name}`")
    return None


def _on_loop(target: Target, types: Inference) -> str | None:
    if target.name.startswith(_OF_LOOP):
        return f"uses `{short(target.name)}`"
    if target.name in _CONTEXT:
        return "sets a context variable"
    known = target.function or types.project.function(target.name)
    if known is not None and known.facts.is_async:
        return f"calls the async `{short(target.name)}`"
    return None


def _awaited(file: File, function: FunctionSymbol) -> _Reason:
    for site, one in file.types.calls_named(function.facts.name):
        if one.awaited and file.types.type_of(one.call.func, site) == Callee(function.qualname):
            where = Place(site.file.path, one.pos.line, one.pos.column + 1, "awaits it")
            return f"{where.path}:{where.line} awaits it", where
    return None


# What makes it doubtful -----------------------------------------------------------------------------------------------


def _routers(file: File, function: FunctionSymbol) -> _Reason:
    """A router of the project's own, or of a library that is not known, may do more than FastAPI's."""
    site = file.types.definition_site(function.facts, function.file)
    for one in function.facts.decorators:
        method = file.types.type_of(one.func, site) if isinstance(one, Call) else None
        names = functions_of(file.types, method) if method is not None else ()
        if not names or not all(name.startswith(("fastapi.", "starlette.")) for name in names):
            what = short(method.path) if isinstance(method, Foreign) else short(names[0]) if names else "its router"
            return f"`{what}` is no router of FastAPI's own, and may await it", None
    return None


def _sqlite(file: File, ways: list[Route[Blocking]]) -> _Reason:
    for way in ways:
        if way.found.entry.startswith("sqlite3."):
            step = way.steps[-1]
            where = Place(step.caller.file.path, step.call.pos.line, step.call.pos.column + 1, "sqlite3")
            return "a connection of sqlite3 serves only the thread that made it", where
    where_made = file.types.shared(_find_memory_engine) if ways else None
    if where_made is not None:
        text = f"a database in memory ({where_made.path}:{where_made.line}) is another one in each thread"
        return text, where_made
    return None


def _files(file: File, function: FunctionSymbol) -> _Reason:
    """Files and processes are shared by requests, too: what one loop did one after the other could now collide."""

    def wanted(target: Target, call: CallSite) -> str | None:
        by_hand = target.name.startswith("pathlib.Path.write_")
        known = blocking_call(target.name)
        return target.name if by_hand or (known is not None and known.family in _SHARED) else None

    for way in routes(
        file.types,
        function,
        wanted,
        through=lambda target, call: target.function is not None,
        along=lambda step: comes_to(file.types, step),
        depth=DEPTH,
    ):
        step = way.steps[-1]
        where = Place(step.caller.file.path, step.call.pos.line, step.call.pos.column + 1, way.found)
        return f"requests would do `{way.found}` at the same time ({where.path}:{where.line})", where
    return None


def _find_memory_engine(types: Inference) -> Place | None:
    """Where an engine is made whose SQLite database is in memory, and whose pool has a connection for each thread."""
    for name in ("create_engine", "create_async_engine"):
        for site, one in types.calls_named(name):
            url = one.call.args[0] if one.call.args else None
            if _is_test(site) or any(k == "poolclass" for k, _ in one.call.keywords):
                continue
            if isinstance(url, Const) and url.kind == "str" and url.text.startswith("sqlite"):
                path = url.text.partition("://")[2]
                if path in ("", "/") or path.startswith("/:memory:"):
                    return Place(site.file.path, one.pos.line, one.pos.column + 1, "a database in memory")
    return None


def _is_test(site: Site) -> bool:
    return any(part in ("tests", "test", "conftest") for part in site.file.module.split("."))
