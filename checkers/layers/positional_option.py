"""A service whose optional parameters may be given by position: `find(name, True, None)` says nothing to who reads it.

## Why
An option that is added in front, or two that change places, break callers without an error. Behind a `*` each is
given by its name. It is a convention, so the rule is off unless it is selected by its own code.

## Fix safety
The fix puts a `*` in front of the first parameter with a default. It is unsafe: callers that are not part of the
project may give it by position. Where one in the project does there is none.

## Limits
Public functions and methods of services, with no `*` and no `*args` yet. Overrides and what is overridden below are
left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.index.facts import Attr
from trueup.layers import SERVICE, layer_of
from trueup.libraries.sqlalchemy.transactions import LIBRARIES
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Callee


@rule(
    "TUL111",
    "positional-option",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.ADVICE,
    fix=Safety.UNSAFE,
    libraries=(*LIBRARIES, "fastapi"),
    off=True,
)
def check(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    args = node.args
    if not args.defaults or args.vararg is not None or args.kwonlyargs or args.posonlyargs or node.name.startswith("_"):
        return
    facts = file.function_at(node)
    if facts is None or node.decorator_list or facts.parent:
        return
    function = file.function_symbol(facts)
    if layer_of(file.types, function, file.config) != SERVICE or _is_override(facts.owner, node.name, file):
        return
    first = args.args[len(args.args) - len(args.defaults)].arg
    before = len(args.args) - len(args.defaults)
    by_position = ""
    for site, one in file.types.calls_named(node.name):
        callee = file.types.type_of(one.call.func, site)
        if not isinstance(callee, Callee) or callee.qualname != function.qualname:
            continue
        given = len(one.call.args) + (1 if facts.owner and isinstance(one.call.func, Attr) else 0)
        if given > before:
            by_position = f"{site.file.path}:{one.pos.line}"
            break
    passed = file.types.is_passed(node.name)
    yield Hit(
        node,
        f"`{first}` of `{facts.qualname}` is optional and may be given by position: put a `*` in front of it",
        clue=first,
        safety=Safety.MANUAL if by_position or passed else None,
        why=f"{by_position} gives it by position" if by_position else "Callers elsewhere may give it by position.",
        span=file.header(node),
    )


def _is_override(owner: str, name: str, file: File) -> bool:
    if not owner:
        return False
    qualname = f"{file.module}.{owner}"
    above = file.types.mro(qualname).names[1:]
    if any(file.types.project.function(f"{base}.{name}") is not None for base in above):
        return True
    return any(
        one.qualname != qualname and name in one.facts.methods and file.types.is_subclass(one.qualname, qualname)
        for one in file.project.classes()
        if one.facts.bases and name in one.facts.methods
    )
