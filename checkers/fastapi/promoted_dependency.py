"""A plain dependency that only computes, which FastAPI runs in a thread for each request.

## Why
FastAPI runs dependencies that are not `async` in its pool of threads. For one that touches neither files nor the
network that is a detour of a quarter of a millisecond, and it takes one of forty threads that others wait for. It is
safe and cheap enough to leave as it is, so the rule is off unless it is selected by its own code.

## Fix safety
The fix writes `async def`. It is unsafe: the body runs on the event loop from then on, and values of context
variables that it sets are seen in the route.

## Limits
Functions in `Depends(...)` without a decorator, that the project calls nowhere itself, and that call nothing but
their parameters' methods on strings and numbers, classes of exceptions and models, and builtins.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.layers import TEST, layer_of
from trueup.libraries.fastapi import entries, entry
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Callee, ClassObject

_PURE = ("builtins.str.", "builtins.int.", "builtins.dict.", "builtins.list.", "builtins.len", "builtins.isinstance",
         "builtins.min", "builtins.max", "builtins.sorted", "builtins.set.")  # fmt: skip


@rule(
    "TUF121",
    "promoted-dependency",
    on=ast.FunctionDef,
    severity=Severity.ADVICE,
    fix=Safety.UNSAFE,
    libraries=("fastapi",),
    where=lambda facts, types, config: any(role.kind == "dependency" for _, role in entries(types, facts)),
    url="https://fastapi.tiangolo.com/async/#dependencies",
    off=True,
)
def check(node: ast.FunctionDef, file: File) -> Iterator[Hit]:
    facts = file.function_at(node)
    if facts is None or node.decorator_list or facts.owner or facts.is_generator:
        return
    function = file.function_symbol(facts)
    role = entry(file.types, function)
    if role is None or role.kind != "dependency" or layer_of(file.types, function, file.config) == TEST:
        return
    for one in file.walk(node):
        if isinstance(one, ast.With | ast.For | ast.While):
            return
        if isinstance(one, ast.Call) and not _only_computes(one, node, file):
            return
    for site, call in file.types.calls_named(node.name):
        callee = file.types.type_of(call.call.func, site)
        if not isinstance(callee, Callee) or callee.qualname == function.qualname:
            return
    yield Hit(
        node,
        f"`{node.name}` only computes, and FastAPI runs it in a thread for each request: make it `async def`",
        why="Its body runs on the event loop from then on.",
        span=file.header(node),
    )


def _only_computes(call: ast.Call, node: ast.FunctionDef, file: File) -> bool:
    if call.lineno < node.body[0].lineno:
        return True
    callee = file.type_of(call.func)
    if isinstance(callee, ClassObject):
        init = file.types.member(callee.cls, "__init__")
        own = init is not None and init.function is not None and file.project.is_own(init.function.qualname)
        return not own
    return isinstance(callee, Callee) and callee.qualname.startswith(_PURE)
