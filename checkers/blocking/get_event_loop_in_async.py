"""`asyncio.get_event_loop()` in async code, where there is a running loop to ask for.

## Why
In an async function `asyncio.get_event_loop()` gives the running loop. Outside of one it makes a loop, warns or raises,
depending on the version of Python (it raises since 3.14), so that code which is moved breaks. `get_running_loop()` says
what is meant.

## Fix safety
The fix replaces the name. Where the call stands in an async function both give the same loop.

## Limits
Calls in plain functions are left alone: whether a loop is running there depends on who calls them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUA112",
    "get-event-loop-in-async",
    on=ast.Call,
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    triggers=("get_event_loop",),
    where=lambda facts, types, config: "get_event_loop" in facts.called,
    url="https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.get_event_loop",
    step="async",
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    if node.args or node.keywords or file.qualname(node.func) != "asyncio.get_event_loop":
        return
    before: ast.AST = node
    inside: ast.AST | None = file.parent(node)
    while inside is not None and not isinstance(
        inside, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
    ):
        before, inside = inside, file.parent(inside)
    if isinstance(inside, ast.AsyncFunctionDef) and before in inside.body:
        yield Hit(
            node,
            "`get_event_loop()` in async code gives the running loop, and elsewhere raises or makes another; "
            "use `get_running_loop()`",
        )
