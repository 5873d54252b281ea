"""A sync database call on the event loop: in an async route, dependency, middleware..., or in what it calls.

## Why
FastAPI runs `async def` routes and dependencies on the event loop itself, and so it does with middleware, background
tasks, exception handlers and the generators of streamed responses that are async. A sync call to the database there
stops every other request until the answer is in. With a pooled session it is worse than slow: when all connections are
taken, the loop waits for one that only a task scheduled on that very loop can give back. Twelve requests at once on a
pool of five took 14 s and seven of them failed; the same body in a `def` route took 0.1 s, because FastAPI runs that
in a thread.

The finding stands at the function FastAPI calls and shows the way from there to the call that blocks, through services
and repositories, file and line each.

## Example
```python
@router.get("/users/{user_id}")
async def read_user(user_id: int, db: Session = Depends(get_db)):
    return db.get(User, user_id)
```
Use instead:
```python
@router.get("/users/{user_id}")
def read_user(user_id: int, db: Session = Depends(get_db)):
    return db.get(User, user_id)
```

## Fix safety
The fix makes an async route a plain `def`, which FastAPI runs in its thread pool. It is safe where nothing in the route
needs the loop: no `await`, no generator, no call of an async function, nothing of `asyncio` or `anyio`, no decorator
but the route's own, no use of the function anywhere else, no change of state that requests share. Where requests would
from now on change shared state at the same time, or where other code refers to the function, it is unsafe. Dependencies
are never changed: context variables set in a sync one are not seen by the route. Where something stands in the way,
the finding says what.

## Limits
Only calls whose callee is known are followed, at most eight deep. Lazy loads of relationships on attribute access and
during the response's serialisation are not seen. What a lambda or an unknown decorator does is not followed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from trueup.file import File
from trueup.index.facts import CallSite
from trueup.index.project import FunctionSymbol
from trueup.infer import Inference
from trueup.infer.reach import Route, Target, routes, targets
from trueup.libraries.blocking import Blocking, blocking_call
from trueup.libraries.blocking.reached import DATABASE, comes_to
from trueup.libraries.fastapi import Entry, entry
from trueup.libraries.loop import LIFESPAN, MIDDLEWARE, runs_on_loop
from trueup.model import Hit, Place, Safety, Severity
from trueup.registry import rule
from trueup.types import Callee, Instance

DEPTH = 8
SHOWN = 5
"""So many ways are shown as related places; the message counts all."""
_CHANGING = frozenset(
    {
        "add",
        "append",
        "appendleft",
        "clear",
        "discard",
        "extend",
        "insert",
        "pop",
        "popitem",
        "remove",
        "setdefault",
        "update",
    }
)


@rule(
    "TUA103",
    "sync-session-in-async-route",
    on=ast.AsyncFunctionDef,
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=("fastapi", "starlette"),
    triggers=("async def",),
    url="https://fastapi.tiangolo.com/async/",
    effort=5,
    step="async",
)
def check(node: ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    facts = file.function_at(node)
    if facts is None:
        return
    function = file.function_symbol(facts)
    kind = runs_on_loop(file.types, function)
    if kind is None or kind == LIFESPAN:
        return
    role = entry(file.types, function) or Entry(kind, False)
    found = routes(
        file.types,
        function,
        _database,
        through=lambda target, call: target.function is not None,
        along=lambda step: comes_to(file.types, step),
        depth=DEPTH,
    )
    if not found:
        return
    safety, why = _demotion(node, file, function, role)
    if safety is Safety.SAFE and any(one.found.entry.startswith("sqlite3.") for one in found):
        safety, why = Safety.UNSAFE, "a connection of sqlite3 serves only the thread that made it"
    yield Hit(
        node,
        _message(node, role, found),
        safety=safety,
        why=why,
        related=tuple([_place(route) for route in found[:SHOWN]]),
        span=file.header(node),
    )


def _database(target: Target, call: CallSite) -> Blocking | None:
    if call.awaited:
        return None
    known = blocking_call(target.name)
    return known if known is not None and known.family in DATABASE else None


def _message(node: ast.AsyncFunctionDef, role: Entry, found: list[Route[Blocking]]) -> str:
    first = found[0]
    last = first.steps[-1]
    way = " → ".join([f"`{node.name}`", *[f"`{_short(s.target.name)}`" for s in first.steps]])
    where = f"{last.caller.file.path}:{last.call.pos.line}"
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    what = "async route" if role.kind == "route" else f"async {role.kind}"
    plain = role.kind not in (MIDDLEWARE, "websocket")
    cure = f"{'make it a plain `def`' if plain else 'call it in a thread'}, or use `AsyncSession`"
    return f"{what} makes a sync database call on the event loop: {way} ({where}){more}; {cure}"


def _short(name: str) -> str:
    """`Session.commit` of `sqlalchemy.orm.Session.commit`, `get_user` of `app.crud.get_user`."""
    parts = name.split(".")
    return ".".join(parts[-2:]) if len(parts) > 1 and parts[-2][:1].isupper() else parts[-1]


def _place(route: Route[Blocking]) -> Place:
    last = route.steps[-1]
    callers = " → ".join([s.caller.facts.name for s in route.steps])
    pos = last.call.pos
    return Place(last.caller.file.path, pos.line, pos.column + 1, f"{callers} → {_short(last.target.name)}")


# Whether `async` can go ---------------------------------------------------------------------------------------------


def _demotion(node: ast.AsyncFunctionDef, file: File, function: FunctionSymbol, role: Entry) -> tuple[Safety, str]:
    """How safely the function can become a plain `def`, and what stands in the way."""
    obstacle = _obstacle(node, file, function, role)
    if obstacle:
        return Safety.MANUAL, obstacle
    doubt = _doubt(node, file, function)
    return (Safety.UNSAFE, doubt) if doubt else (Safety.SAFE, "")


def _obstacle(node: ast.AsyncFunctionDef, file: File, function: FunctionSymbol, role: Entry) -> str:
    facts = function.facts
    if role.kind != "route":
        return f"it is {'an' if role.kind[0] in 'aeiou' else 'a'} {role.kind}, and only routes are changed"
    if facts.owner:
        return "it is a method, and what else calls it is not known"
    if facts.awaits:
        return f"it awaits (line {_first_await(node)})"
    if facts.is_generator:
        return "it is a generator"
    if not role.only_routed:
        return "another decorator may await it, or it was added to the router by a call"
    for inner in ast.walk(node):
        if isinstance(inner, ast.AsyncFunctionDef) and inner is not node:
            return f"it defines an async function (line {inner.lineno})"
    for call, reached in targets(file.types, function):
        for target in reached:
            if target.name.startswith(("asyncio.", "anyio.")):
                return f"it uses `{_short(target.name)}` (line {call.pos.line})"
            if target.function is not None and target.function.facts.is_async:
                return f"it calls the async `{_short(target.name)}` (line {call.pos.line})"
            if target.name == "contextvars.ContextVar.set":
                return f"it sets a context variable (line {call.pos.line})"
    for site, one in file.types.calls_named(facts.name):
        if one.awaited and file.types.type_of(one.call.func, site) == Callee(function.qualname):
            return f"{site.file.path}:{one.pos.line} awaits it"
    return ""


def _doubt(node: ast.AsyncFunctionDef, file: File, function: FunctionSymbol) -> str:
    for one in file.walk(node):
        if isinstance(one, ast.Global | ast.Nonlocal):
            return f"it changes `{one.names[0]}`, and requests would do so at the same time"
        shared = _changed(one, file)
        if shared is not None and one.lineno > node.lineno:  # type: ignore[attr-defined]
            return f"it changes `{file.segment(shared)}`, and requests would do so at the same time"
    for one in file.nodes(ast.Name):
        if one.id != node.name or not isinstance(one.ctx, ast.Load):
            continue
        if file.qualname(one) == function.qualname:
            return f"line {one.lineno} refers to it"
    users = _importers(file)
    if (file.module, node.name) in users:
        return f"{users[file.module, node.name]} imports it"
    for site, call in file.types.calls_named(node.name):
        if file.types.type_of(call.call.func, site) == Callee(function.qualname):
            return f"{site.file.path}:{call.pos.line} calls it"
    return ""


def _changed(node: ast.AST, file: File) -> ast.expr | None:
    """What a statement or call changes in place that is not the function's own."""
    places: Iterable[ast.expr] = ()
    if isinstance(node, ast.Assign):
        places = node.targets
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        places = (node.target,)
    elif isinstance(node, ast.Delete):
        places = node.targets
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGING:
        of = file.type_of(node.func.value)
        places = (node.func,) if isinstance(of, Instance) and of.cls.startswith(("builtins.", "collections.")) else ()
    for place in places:
        if isinstance(place, ast.Attribute | ast.Subscript) and _is_shared(place, file):
            return place
    return None


def _is_shared(place: ast.Attribute | ast.Subscript, file: File) -> bool:
    root: ast.expr = place
    attributes = []
    while isinstance(root, ast.Attribute | ast.Subscript | ast.Call):
        if isinstance(root, ast.Attribute):
            attributes.append(root.attr)
        root = root.func if isinstance(root, ast.Call) else root.value
    if not isinstance(root, ast.Name):
        return False
    facts = file.function_at(place)
    local = facts is not None and (
        any(p.name == root.id for p in facts.params) or any(b.name == root.id for b in facts.scope.bindings)
    )
    return not local or ("app" in attributes and "state" in attributes)


def _importers(file: File) -> dict[tuple[str, str], str]:
    """(module, name) -> the first file that imports it."""
    return file.types.shared(_find_importers)


def _find_importers(types: Inference) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for facts in types.project.files.values():
        for scope in (facts.scope, *[f.scope for f in facts.functions]):
            for one in scope.imports:
                found.setdefault((one.module, one.attr), facts.path)
    return found


def _first_await(node: ast.AsyncFunctionDef) -> int:
    kinds = (ast.Await, ast.AsyncFor, ast.AsyncWith)
    return min((n.lineno for n in ast.walk(node) if isinstance(n, kinds)), default=node.lineno)
