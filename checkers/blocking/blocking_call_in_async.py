"""A call that blocks the event loop: in async code, or in a plain function that async code calls.

## Why
Whatever FastAPI runs on its event loop must give way while it waits: async routes and dependencies, generators of
streamed responses, background tasks, middleware, exception handlers, validators of a request's body, serializers of
an answer. A request made with `requests`, a `time.sleep` or a `subprocess.run` there stops every other request until
it is done. It rarely stands in the route itself: most often a service calls a client that calls it.

There is one finding for each call that blocks, however many routes come to it. It stands where async code calls
something that is not, because that is what can be changed, and shows the way from a route to the call that blocks,
with file and line.

## Example
```python
@router.get("/rate")
async def rate() -> float:
    return client.fetch_rate()  # which calls requests.get
```
Use instead:
```python
@router.get("/rate")
def rate() -> float:
    return client.fetch_rate()
```

## Fix safety
There are three ways off the loop, and `async.prefer-fix` says which is taken where several are possible.

`"def"`, the default: an async route that awaits nothing becomes a plain `def`, which FastAPI runs in a thread. It is
safe where nothing in the route needs the loop: no generator, no call of an async function, nothing of `asyncio` or
`anyio` and no context variable set, neither in the route nor in what it calls; no decorator but the route's own, on a
router that is FastAPI's; no use of the function anywhere else, tests included; no change of what requests share; no
SQLite database that belongs to a thread. Where requests would from now on change something at the same time, or other
code refers to the function, it is unsafe. Threads are 40 at once; what one loop did one after the other they do side
by side. Where it cannot be, the finding says what stands in the way. Dependencies and all other functions stay async:
a context variable that a sync dependency sets is not seen by the route.

`"threadpool"`: the call is handed to a thread as it is, by `run_in_threadpool` where the file uses FastAPI or
Starlette, else by `asyncio.to_thread`. That is unsafe: other requests may now change what the function read before,
and two calls can run at the same time. It is safe where a password is hashed. There is no fix where the call stands
in a lambda, a comprehension or a `with`, where what it gives does its work later (a process, a stream of an answer),
and where the called function uses asyncio, context variables or a database session; nor in a `finally` or an `except`
that is for cancellation, for what is awaited there is not done when the client of a stream has gone. It is also what
is done with `"def"` where the function must stay async.

`"async"`: the calls of `requests` in an async function are made with an `httpx.AsyncClient`, all of them or none;
others go to a thread. `async.http-client` names the package, `httpx` or `httpx2`; without it, it is the one that the
project imports. The project must depend on it, which `migrate-v2` sees to. Redirects are followed and no time limit is
set, as before; errors in the `except` clauses of the function, `.ok`, `.url` and `.reason` of the answer are rewritten.
That is unsafe: bodies of `json=` are written with other blanks, `.text` guesses other charsets, neither `.netrc` nor
`REQUESTS_CA_BUNDLE` is read, and tests that replace `requests` see no call. It is not done where an argument means
something else there (`params=` that may hold None or a bool, or with a query in the URL; `proxies`, `cert`, `cookies`,
`files`, `stream`, ...), where the answer is passed on as it is, where the session has settings of its own, and where
callers handle errors of `requests`; the finding then says which.

`time.sleep(x)` in async code becomes `await asyncio.sleep(x)`, which is safe, unless its route becomes a `def`.

## Limits
Only calls whose callee is known are followed, at most eight deep. Network, databases without a session, processes,
sleeping and heavy computing are reported wherever they are called from; reading and writing files only in async code
itself, and asking the file system for names and sizes nowhere. Calls of a synchronous SQLAlchemy session have a rule
of their own. What runs once because it is cached, or in a lambda, is not followed. `blocking` and `non-blocking` in
the configuration add calls and take them away. What only the start of the application comes to is advice.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.config import Config
from trueup.file import File
from trueup.index.facts import FileFacts
from trueup.index.project import FunctionSymbol
from trueup.infer import Inference
from trueup.layers import TEST, layer_of_file
from trueup.libraries.blocking.reached import Blocked, Hop, Ref, blocked_in, function_of
from trueup.libraries.loop import LIFESPAN, SERIALIZER, VALIDATOR
from trueup.model import Hit, Place, Safety, Severity
from trueup.registry import rule

from .async_client import Refused, client_plan
from .demotion import ROUTE, Demotion, database_ways, demotion
from .naming import short
from .offloading import Repair, is_direct, offloaded

SHOWN = 5
"""So many functions that come to the same call are shown; the message counts all."""
DEF = "def"


def _where(facts: FileFacts, types: Inference, config: Config) -> bool:
    return layer_of_file(facts) != TEST and bool(_blocked(facts, types, config))


def _blocked(facts: FileFacts, types: Inference, config: Config) -> tuple[Blocked, ...]:
    return blocked_in(types, facts.path, config.blocking, config.non_blocking)


@rule(
    "TUA101",
    "blocking-call-in-async",
    on=ast.Module,
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=("fastapi", "starlette"),
    where=_where,
    url="https://fastapi.tiangolo.com/async/",
    effort=15,
    step="async",
    ruff=("ASYNC2",),
)
def check(node: ast.Module, file: File) -> Iterator[Hit]:
    calls = {(c.lineno, c.col_offset, c.end_lineno, c.end_col_offset): c for c in file.nodes(ast.Call)}
    functions: dict[Ref, list[tuple[Blocked, ast.Call]]] = {}
    for one in _blocked(file.facts, file.types, file.config):
        hop = one.way[one.turn]
        pos = function_of(file.types, hop.caller).facts.scope.calls[hop.call].pos
        call = calls.get((pos.line, pos.column, pos.end_line, pos.end_column))
        if call is not None:
            functions.setdefault(hop.caller, []).append((one, call))
    for ref, found in functions.items():
        demoted, repairs = _repairs(ref, found, file)
        for (one, call), repair in zip(found, repairs, strict=True):
            yield Hit(
                call,
                _message(one, demoted, file),
                clue=repair.clue,
                safety=repair.safety,
                why=repair.why,
                related=tuple(_related(one, demoted, file)),
                severity=Severity.ADVICE if one.kind == LIFESPAN else None,
            )


# What is said ---------------------------------------------------------------------------------------------------------


def _message(one: Blocked, demoted: Demotion | None, file: File) -> str:
    last = one.way[-1]
    name = _blocking(one)
    first = function_of(file.types, one.way[0].caller).facts
    what = one.kind if one.kind in (VALIDATOR, SERIALIZER, LIFESPAN) else f"async {one.kind or 'function'}"
    count = len(one.others)
    more = f", and {count} more come{'s' if count == 1 else ''} to it" if count else ""
    cure = f"use {one.instead}"
    if demoted is not None and demoted.possible:
        cure = f"make `{first.name}` a plain `def`, or {cure}"
    elif demoted is not None:
        cure = f"{cure}; no plain `def` will do: {demoted.why}"
    if len(one.way) == 1:
        return f"`{name}` blocks the event loop: {what} `{first.name}` calls it{more}; {cure}"
    way = " → ".join([f"`{first.name}`", *[f"`{short(hop.name)}`" for hop in one.way[:-1]], f"`{name}`"])
    where = f"{last.caller.path}:{_line(last, file)}"
    return f"`{name}` blocks the event loop: {what} {way} ({where}){more}; {cure}"


def _blocking(one: Blocked) -> str:
    """The blocking call by its public name."""
    return one.way[-1].name if one.entry.endswith("*") else one.entry


def _line(hop: Hop, file: File) -> int:
    return function_of(file.types, hop.caller).facts.scope.calls[hop.call].pos.line


def _related(one: Blocked, demoted: Demotion | None, file: File) -> Iterator[Place]:
    """The steps of the way, what keeps a route async, and where else the loop comes to the same call from."""
    if len(one.way) > 1:
        for number, hop in enumerate(one.way, 1):
            name = short(hop.name) if number < len(one.way) else _blocking(one)
            caller = function_of(file.types, hop.caller)
            pos = caller.facts.scope.calls[hop.call].pos
            yield Place(caller.file.path, pos.line, pos.column + 1, f"{caller.facts.name} → {name}")
    if demoted is not None and demoted.place is not None:
        yield demoted.place
    for ref in one.others[:SHOWN]:
        other = function_of(file.types, ref)
        pos = other.facts.pos
        yield Place(other.file.path, pos.line, pos.column + 1, f"{other.facts.name} comes to it too")


# What can be done -----------------------------------------------------------------------------------------------------


def _repairs(ref: Ref, found: list[tuple[Blocked, ast.Call]], file: File) -> tuple[Demotion | None, list[Repair]]:
    """Whether the function can become a plain `def`, where it is a route, and how each call in it is repaired.

    Either all calls of a function are repaired by making it a `def`, or none: what one repair awaits, the other could
    not.
    """
    function = function_of(file.types, ref)
    there = [offloaded(one, call, function.facts, file) for one, call in found]
    node = next((n for n in file.nodes(ast.AsyncFunctionDef) if _is_at(n, ref, file)), None)
    if node is None:
        return None, there
    prefer = file.config.prefer_fix
    demoted = None
    if any(one.kind == ROUTE and one.turn == 0 for one, _ in found):
        ways = database_ways(file.types, function)
        heavy = [one for one, _ in found if one.level == "H" and not (one.entry == "time.sleep" and is_direct(one))]
        if ways or heavy:
            demoted = demotion(node, file, function, ways)
            stuck = all(one.safety is Safety.MANUAL for one in there)
            safer = demoted.safety is Safety.UNSAFE and any(one.safety is Safety.SAFE for one in there)
            if demoted.possible and (ways or stuck or (prefer == DEF and not safer)):
                why = demoted.why or ""
                return demoted, [Repair(demoted.safety, why, DEF)] * len(found)
    if prefer == "async":
        there = _with_client(node, function_of(file.types, ref), found, there, file)
    return demoted, there


def _is_at(node: ast.AsyncFunctionDef, ref: Ref, file: File) -> bool:
    facts = file.function_at(node)
    return facts is file.facts.functions[ref.number]


def _with_client(
    node: ast.AsyncFunctionDef,
    function: FunctionSymbol,
    found: list[tuple[Blocked, ast.Call]],
    there: list[Repair],
    file: File,
) -> list[Repair]:
    """The repairs, with those of `requests` made by an async client where that is possible."""
    theirs = [one.family == "requests" and is_direct(one) for one, _ in found]
    if not any(theirs):
        return there
    try:
        plan = client_plan(node, file, function)
    except Refused as refused:
        return [
            one._replace(why=f"no async client: {refused}" + (f"; {one.why}" if one.why else "")) if direct else one
            for direct, one in zip(theirs, there, strict=True)
        ]
    needed = "" if plan.is_known else f"the project must depend on `{plan.package}`; "
    why = (
        needed
        + f"`{plan.package}` guesses charsets and writes JSON otherwise, and tests that replace `requests` see no call"
    )
    return [Repair(Safety.UNSAFE, why, plan) if direct else one for direct, one in zip(theirs, there, strict=True)]
