"""Whether a call that blocks can be handed to a thread where it stands, and what stands in the way."""

from __future__ import annotations

import ast
from typing import NamedTuple

from trueup.file import File
from trueup.index.facts import Function
from trueup.infer.reach import routes
from trueup.libraries.blocking import Blocking, blocking_call
from trueup.libraries.blocking.reached import DATABASE, Blocked, function_of
from trueup.libraries.loop import LIFESPAN
from trueup.model import Safety

from .naming import short

SLEEP = "sleep"
"""What the repair is called that awaits a sleep."""
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


_NOT_WHEN_CANCELLED = (
    "it cleans up, and nothing that is awaited there is done for a request that is cancelled, because its client went "
    "say: shield it (`with anyio.CancelScope(shield=True)`)"
)
_CANCELLATIONS = frozenset({"builtins.BaseException", "asyncio.CancelledError", "asyncio.exceptions.CancelledError"})


class Repair(NamedTuple):
    """How safely something can be repaired, what stands in the way or changes, and what the fixer must know."""

    safety: Safety
    why: str = ""
    clue: object = ""


def is_direct(one: Blocked) -> bool:
    """Whether the call that blocks stands in async code itself."""
    return len(one.way) - 1 == one.turn


def offloaded(one: Blocked, call: ast.Call, facts: Function, file: File) -> Repair:
    """How the call can be moved off the loop without changing the function around it."""
    obstacle = _obstacle(one, call, facts, file)
    if obstacle:
        return Repair(Safety.MANUAL, obstacle)
    if one.entry == "time.sleep" and is_direct(one):
        return Repair(Safety.SAFE, "", SLEEP)
    way = "fastapi" if "fastapi" in file.facts.imported else ""
    way = way or ("starlette" if "starlette" in file.facts.imported else "asyncio")
    if one.family == _PURE and is_direct(one):
        return Repair(Safety.SAFE, "", way)
    return Repair(Safety.UNSAFE, "other requests run while it waits, and may change what was read before", way)


def place_of(call: ast.Call, file: File) -> str:
    """Why nothing can be awaited where a call stands; empty where it can."""
    inside: ast.AST = call
    while (outer := file.parent(inside)) is not None:
        if isinstance(outer, ast.AsyncFunctionDef):
            return "" if inside in outer.body else "it stands in a default or a decorator"
        if isinstance(outer, ast.Lambda | ast.ClassDef | ast.FunctionDef):
            return "it stands in a lambda or a class"
        if isinstance(outer, ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp):
            return "it stands in a comprehension: write a loop first"
        if isinstance(outer, ast.withitem):
            return "it is the object of a `with`: move the whole block to a function and run that in a thread"
        if isinstance(outer, ast.Try | ast.TryStar) and inside in outer.finalbody:
            return _NOT_WHEN_CANCELLED
        if isinstance(outer, ast.ExceptHandler) and _is_for_cancellation(outer, file):
            return _NOT_WHEN_CANCELLED
        inside = outer
    return ""


def _is_for_cancellation(handler: ast.ExceptHandler, file: File) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(one is None or file.qualname(one) in _CANCELLATIONS for one in kinds)


def _obstacle(one: Blocked, call: ast.Call, facts: Function, file: File) -> str:
    if not facts.is_async:
        return "the function is not async"
    if one.kind == LIFESPAN:
        return "nothing else runs while the application starts"
    obstacle = place_of(call, file)
    if obstacle:
        return obstacle
    if file.qualname(call.func) in ("builtins.map", "builtins.filter"):
        return "the function is called later, when its results are asked for"
    if isinstance(file.parent(call), ast.Await):
        return "it is awaited already"
    if one.family == "event-loop":
        return "a loop is running already: await the coroutine"
    if one.level != "H" and not (one.family == "archive" and one.entry.startswith("shutil.")):
        return "not the one call but the block around it should go to a thread"
    if not is_direct(one):
        return _inside(one, file)
    if one.entry in _LATER:
        return _LATER[one.entry]
    if one.family == "wait":
        return "threads wait for each other there: use what `asyncio` has instead"
    if any(k.arg == "stream" for k in call.keywords):
        return "the answer is read later, as it comes"
    return ""


def _inside(one: Blocked, file: File) -> str:
    """What the called function does that a thread cannot, or should not."""
    hop = one.way[one.turn]
    step = one.way[one.turn + 1]
    start = function_of(file.types, step.caller)
    if start.facts.is_generator:
        return f"`{start.facts.name}` is a generator"
    if start.facts.name in ("__init__", "__post_init__"):
        return f"`{short(hop.name)}` makes an object that goes on being used here"

    def wanted(target: object, call: object) -> str | None:
        name: str = target.name  # type: ignore[attr-defined]
        if name.startswith(("asyncio.", "anyio.", "contextvars.ContextVar.", "signal.")):
            return name
        known: Blocking | None = blocking_call(name)
        return name if known is not None and known.family in DATABASE else None

    for route in routes(file.types, start, wanted, through=lambda target, call: target.function is not None, depth=6):
        last = route.steps[-1]
        return f"`{start.facts.name}` uses `{short(route.found)}` ({last.caller.file.path}:{last.call.pos.line})"
    return ""
