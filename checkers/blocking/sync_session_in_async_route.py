"""A sync database call on the event loop: in an async route, dependency, middleware..., or in what it calls.

## Why
FastAPI runs `async def` routes and dependencies on the event loop itself, and so it does with middleware, background
tasks, exception handlers and the generators of streamed responses that are async. A sync call to the database there
stops every other request until the answer is in. With a pooled session it is worse than slow: when all connections
are taken, the loop waits for one that only a task scheduled on that very loop can give back. Twelve requests at once
on a pool of five took 14 s and seven of them failed; the same body in a `def` route took 0.1 s, because FastAPI runs
that in a thread.

The finding stands at the function FastAPI calls and shows the way from there to the call that blocks, through
services and repositories, file and line each.

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
The fix makes an async route a plain `def`, which FastAPI runs in its thread pool. It is safe where nothing in the
route needs the loop: no `await`, no generator, no call of an async function, nothing of `asyncio` or `anyio` and no
context variable set, neither in the route nor in what it calls; no decorator but the route's own, on a router that is
FastAPI's; no use of the function anywhere else, tests included; no change of what requests share; no SQLite database
that belongs to a thread (one in memory, a connection of `sqlite3`). Where requests would from now on change something
at the same time, or where other code refers to the function, it is unsafe. Threads are 40 at once. Dependencies are
never changed: context variables set in a sync one are not seen by the route. Where something stands in the way, the
finding says what, and where.

No call is handed to a thread by itself here, whatever `async.prefer-fix` says: a session belongs to one thread at a
time, and what it gives loads more when it is looked at. A route that must stay async, because it awaits, needs an
`AsyncSession`, or all that it does with the session in one plain function that a thread runs.

## Limits
Only calls whose callee is known are followed, at most eight deep. Lazy loads of relationships on attribute access and
during the response's serialisation are not seen. What a lambda or an unknown decorator does is not followed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.infer.reach import Route
from trueup.libraries.blocking import Blocking
from trueup.libraries.fastapi import Entry, entry
from trueup.libraries.loop import MIDDLEWARE, runs_on_loop
from trueup.model import Hit, Place, Safety, Severity
from trueup.registry import rule

from .demotion import Demotion, database_ways, demotion
from .naming import short

SHOWN = 5
"""So many ways are shown as related places; the message counts all."""


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
    found = database_ways(file.types, function)
    if not found:
        return
    role = entry(file.types, function) or Entry(runs_on_loop(file.types, function) or "function", False)
    demoted = demotion(node, file, function, found)
    related = [_place(route) for route in found[:SHOWN]]
    yield Hit(
        node,
        _message(node, role, found, demoted),
        safety=demoted.safety,
        why=demoted.why,
        related=(*related, *([demoted.place] if demoted.place is not None else [])),
        span=file.header(node),
    )


def _message(node: ast.AsyncFunctionDef, role: Entry, found: list[Route[Blocking]], demoted: Demotion) -> str:
    first = found[0]
    last = first.steps[-1]
    way = " → ".join([f"`{node.name}`", *[f"`{short(s.target.name)}`" for s in first.steps]])
    where = f"{last.caller.file.path}:{last.call.pos.line}"
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    what = "async route" if role.kind == "route" else f"async {role.kind}"
    return f"{what} makes a sync database call on the event loop: {way} ({where}){more}; {_cure(role, demoted)}"


def _cure(role: Entry, demoted: Demotion) -> str:
    """What to do: where the function awaits, or something needs the loop, `async` has to stay."""
    thread = "use `AsyncSession`, or move what uses the session to a plain function and run that in a thread"
    if demoted.possible:
        return "make it a plain `def`, or use `AsyncSession`"
    if demoted.awaits:
        return f"{thread}; no plain `def` will do: {demoted.why}"
    if role.kind == "route":
        return f"{thread}; for a plain `def`, see to this first: {demoted.why}"
    if role.kind in (MIDDLEWARE, "websocket"):
        return thread
    return "make it a plain `def`, or use `AsyncSession`"


def _place(route: Route[Blocking]) -> Place:
    last = route.steps[-1]
    callers = " → ".join([s.caller.facts.name for s in route.steps])
    pos = last.call.pos
    return Place(last.caller.file.path, pos.line, pos.column + 1, f"{callers} → {short(last.target.name)}")
