"""A call that blocks the event loop: in async code, or in a plain function that async code calls.

## Why
Whatever FastAPI runs on its event loop must give way while it waits: async routes and dependencies, generators of
streamed responses, background tasks, middleware, exception handlers, validators of a request's body, serializers of an
answer. A request made with `requests`, a `time.sleep` or a `subprocess.run` there stops every other request until it is
done. It rarely stands in the route itself: most often a service calls a client that calls it.

There is one finding for each call that blocks, however many routes come to it. It stands where async code calls
something that is not, because that is what can be changed, and shows the way from a route to the call that blocks, with
file and line.

## Example
```python
@router.get("/rate")
async def rate() -> float:
    return client.fetch_rate()  # which calls requests.get
```
Use instead:
```python
@router.get("/rate")
async def rate() -> float:
    return await run_in_threadpool(client.fetch_rate)
```

## Fix safety
`time.sleep(x)` in an async function becomes `await asyncio.sleep(x)`, and the hashing of a password goes to a thread:
both are safe. Any other call is handed to a thread as it is, by `run_in_threadpool` where the file uses FastAPI or
Starlette, else by `asyncio.to_thread`. That is unsafe: other requests may now change what the function read before,
and two calls can run at the same time. There is no fix where the call stands in a lambda, a comprehension or a `with`,
where what it gives does its work later (a process, a stream of an answer), and where the called function uses asyncio,
context variables or a database session; the finding says so.

## Limits
Only calls whose callee is known are followed, at most eight deep. Network, databases without a session, processes,
sleeping and heavy computing are reported wherever they are called from; reading and writing files only in async code
itself, and asking the file system for names and sizes nowhere. Calls of a synchronous SQLAlchemy session have a rule of
their own. What runs once because it is cached, or in a lambda, is not followed. `blocking` and `non-blocking` in the
configuration add calls and take them away. What only the start of the application comes to is advice.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.config import Config
from trueup.file import File
from trueup.index.facts import FileFacts, Function
from trueup.infer import Inference
from trueup.infer.reach import routes
from trueup.layers import TEST, layer_of_file
from trueup.libraries.blocking import Blocking, blocking_call
from trueup.libraries.blocking.reached import DATABASE, Blocked, Hop, blocked_in, function_of
from trueup.libraries.loop import LIFESPAN, SERIALIZER, VALIDATOR
from trueup.model import Hit, Place, Safety, Severity
from trueup.registry import rule

SHOWN = 5
"""So many functions that come to the same call are shown; the message counts all."""
_PURE = "hashing"
_LATER = {
    "subprocess.Popen": "the process it gives goes on being used here",
    "requests.Response.iter_content": "it gives its parts one by one",
    "requests.Response.iter_lines": "it gives its parts one by one",
    "httpx.stream": "it gives its parts one by one",
    "httpx.Client.stream": "it gives its parts one by one",
    "concurrent.futures.as_completed": "it gives its futures one by one",
    "concurrent.futures.Executor.map": "it gives its results one by one",
}


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
    for one in _blocked(file.facts, file.types, file.config):
        hop = one.way[one.turn]
        facts = function_of(file.types, hop.caller).facts
        pos = facts.scope.calls[hop.call].pos
        call = calls.get((pos.line, pos.column, pos.end_line, pos.end_column))
        if call is None:
            continue
        safety, why, clue = _repair(one, call, facts, file)
        yield Hit(
            call,
            _message(one, file),
            clue=clue,
            safety=safety,
            why=why,
            related=tuple(_related(one, file)),
            severity=Severity.ADVICE if one.kind == LIFESPAN else None,
        )


# What is said ---------------------------------------------------------------------------------------------------------


def _message(one: Blocked, file: File) -> str:
    last = one.way[-1]
    name = _blocking(one)
    first = function_of(file.types, one.way[0].caller).facts
    what = one.kind if one.kind in (VALIDATOR, SERIALIZER, LIFESPAN) else f"async {one.kind or 'function'}"
    count = len(one.others)
    more = f", and {count} more come{'s' if count == 1 else ''} to it" if count else ""
    if len(one.way) == 1:
        return f"`{name}` blocks the event loop: {what} `{first.name}` calls it{more}; use {one.instead}"
    way = " → ".join([f"`{first.name}`", *[f"`{_short(hop.name)}`" for hop in one.way[:-1]], f"`{name}`"])
    where = f"{last.caller.path}:{_line(last, file)}"
    return f"`{name}` blocks the event loop: {what} {way} ({where}){more}; use {one.instead}"


def _blocking(one: Blocked) -> str:
    """The blocking call by its public name."""
    return one.way[-1].name if one.entry.endswith("*") else one.entry


def _short(name: str) -> str:
    """`Users.find` of `app.crud.Users.find`, `get_user` of `app.crud.get_user`."""
    parts = name.split(".")
    return ".".join(parts[-2:]) if len(parts) > 1 and parts[-2][:1].isupper() else parts[-1]


def _line(hop: Hop, file: File) -> int:
    return function_of(file.types, hop.caller).facts.scope.calls[hop.call].pos.line


def _related(one: Blocked, file: File) -> Iterator[Place]:
    """The steps of the way, and where else the loop comes to the same call from."""
    if len(one.way) > 1:
        for number, hop in enumerate(one.way, 1):
            name = _short(hop.name) if number < len(one.way) else _blocking(one)
            caller = function_of(file.types, hop.caller)
            pos = caller.facts.scope.calls[hop.call].pos
            yield Place(caller.file.path, pos.line, pos.column + 1, f"{caller.facts.name} → {name}")
    for ref in one.others[:SHOWN]:
        other = function_of(file.types, ref)
        pos = other.facts.pos
        yield Place(other.file.path, pos.line, pos.column + 1, f"{other.facts.name} comes to it too")


# What can be done -----------------------------------------------------------------------------------------------------


def _repair(one: Blocked, call: ast.Call, facts: Function, file: File) -> tuple[Safety, str, str]:
    """How safely the call can be moved off the loop, what stands in the way, and how the repair is written."""
    obstacle = _obstacle(one, call, facts, file)
    if obstacle:
        return Safety.MANUAL, obstacle, ""
    if one.entry == "time.sleep" and len(one.way) - 1 == one.turn:
        return Safety.SAFE, "", "sleep"
    way = "fastapi" if "fastapi" in file.facts.imported else ""
    way = way or ("starlette" if "starlette" in file.facts.imported else "asyncio")
    if one.family == _PURE and len(one.way) - 1 == one.turn:
        return Safety.SAFE, "", way
    return Safety.UNSAFE, "other requests run while it waits, and may change what was read before", way


def _obstacle(one: Blocked, call: ast.Call, facts: Function, file: File) -> str:
    if not facts.is_async:
        return "the function is not async"
    if one.kind == LIFESPAN:
        return "nothing else runs while the application starts"
    inside: ast.AST = call
    while (outer := file.parent(inside)) is not None:
        if isinstance(outer, ast.AsyncFunctionDef):
            if inside not in outer.body:
                return "it stands in a default or a decorator"
            break
        if isinstance(outer, ast.Lambda | ast.ClassDef | ast.FunctionDef):
            return "it stands in a lambda or a class"
        if isinstance(outer, ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp):
            return "it stands in a comprehension: write a loop first"
        if isinstance(outer, ast.withitem):
            return "it is the object of a `with`: move the whole block to a function and run that in a thread"
        inside = outer
    if file.qualname(call.func) in ("builtins.map", "builtins.filter"):
        return "the function is called later, when its results are asked for"
    if isinstance(file.parent(call), ast.Await):
        return "it is awaited already"
    direct = len(one.way) - 1 == one.turn
    if one.family == "event-loop":
        return "a loop is running already: await the coroutine"
    if one.level != "H" and not (one.family == "archive" and one.entry.startswith("shutil.")):
        return "not the one call but the block around it should go to a thread"
    if direct:
        if one.entry in _LATER:
            return _LATER[one.entry]
        if one.family == "wait":
            return "threads wait for each other there: use what `asyncio` has instead"
        if any(k.arg == "stream" for k in call.keywords):
            return "the answer is read later, as it comes"
        return ""
    return _inside(one, file)


def _inside(one: Blocked, file: File) -> str:
    """What the called function does that a thread cannot, or should not."""
    hop = one.way[one.turn]
    step = one.way[one.turn + 1]
    start = function_of(file.types, step.caller)
    if start.facts.is_generator:
        return f"`{start.facts.name}` is a generator"
    if start.facts.name in ("__init__", "__post_init__"):
        return f"`{_short(hop.name)}` makes an object that goes on being used here"

    def wanted(target: object, call: object) -> str | None:
        name: str = target.name  # type: ignore[attr-defined]
        if name.startswith(("asyncio.", "anyio.", "contextvars.ContextVar.", "signal.")):
            return name
        known: Blocking | None = blocking_call(name)
        return name if known is not None and known.family in DATABASE else None

    for route in routes(file.types, start, wanted, through=lambda target, call: target.function is not None, depth=6):
        last = route.steps[-1]
        return f"`{start.facts.name}` uses `{_short(route.found)}` ({last.caller.file.path}:{last.call.pos.line})"
    return ""
