"""What a function reaches through calls: the call graph, walked from one function on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from ..index.facts import CallSite
from ..index.project import FunctionSymbol
from ..types import Callee, ClassObject, Foreign, Instance, Type, Union
from .engine import Inference
from .flow import chain
from .site import Site

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Target:
    """What a call may run: its qualified name, and the function where the project has its body."""

    name: str
    function: FunctionSymbol | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One call on the way: made in `caller`, at a line of its file."""

    caller: FunctionSymbol
    call: CallSite
    target: Target


@dataclass(frozen=True, slots=True)
class Route(Generic[_T]):
    """A way from a function to a call that was looked for: the steps, and what was found about the last one."""

    steps: tuple[Step, ...]
    found: _T


def targets(types: Inference, function: FunctionSymbol) -> tuple[tuple[CallSite, tuple[Target, ...]], ...]:
    """The calls of a function's own body with what each may run; what a lambda calls runs elsewhere."""
    key = ("targets", function.qualname, function.facts.pos.line)
    return types.remember(key, lambda: tuple(_targets(types, function)), ())


def _targets(types: Inference, function: FunctionSymbol) -> Iterator[tuple[CallSite, tuple[Target, ...]]]:
    scope = function.facts.scope
    for one in scope.calls:
        if any(scope.blocks[b].kind == "lambda" for b in chain(scope.blocks, one.block)):
            continue
        site = Site(function.file, function.facts, None, one.block, one.pos.line, one.pos.column)
        yield one, tuple(_resolve(types, types.type_of(one.call.func, site)))


def _resolve(types: Inference, callee: Type) -> Iterator[Target]:
    if isinstance(callee, Union):
        for item in callee.items:
            yield from _resolve(types, item)
    elif isinstance(callee, Callee):
        function = types.project.function(callee.qualname)
        own = function is not None and function.file.path in types.project.files
        yield Target(callee.qualname, function if own else None)
    elif isinstance(callee, ClassObject):
        made = None
        for name in ("__init__", "__post_init__"):
            member = types.member(callee.cls, name)
            if member is not None and member.function is not None and member.owner.file.path in types.project.files:
                made = member.function
                break
        yield Target(callee.cls, made)
    elif isinstance(callee, Foreign):
        yield Target(callee.path.replace("()", ""))
    elif isinstance(callee, Instance):
        member = types.member(callee.cls, "__call__")
        if member is not None and member.function is not None:
            yield from _resolve(types, Callee(member.function.qualname, callee))


def routes(
    types: Inference,
    start: FunctionSymbol,
    wanted: Callable[[Target, CallSite], _T | None],
    *,
    through: Callable[[Target, CallSite], bool],
    depth: int,
    along: Callable[[Step], bool] | None = None,
) -> list[Route[_T]]:
    """The calls some function reaches that `wanted` knows, nearest first, each by its shortest way.

    `through` says whether to follow a call into the project's own function, and so does `along`, which knows where the
    call is made; `depth` is the greatest number of calls on a way.
    """
    found: list[Route[_T]] = []
    seen = {start.qualname}
    front: list[tuple[FunctionSymbol, tuple[Step, ...]]] = [(start, ())]
    while front:
        behind: list[tuple[FunctionSymbol, tuple[Step, ...]]] = []
        for function, way in front:
            for call, reached in targets(types, function):
                for target in reached:
                    steps = (*way, Step(function, call, target))
                    one = wanted(target, call)
                    if one is not None:
                        found.append(Route(steps, one))
                    elif (
                        target.function is not None
                        and target.function.qualname not in seen
                        and len(steps) < depth
                        and through(target, call)
                        and (along is None or along(steps[-1]))
                    ):
                        seen.add(target.function.qualname)
                        behind.append((target.function, steps))
        front = behind
    return found
