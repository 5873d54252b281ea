"""What a function reaches through calls: the call graph, walked from one function on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from ..index.facts import Attr, Call, CallSite, Name
from ..index.project import FunctionSymbol
from ..types import Callee, ClassObject, Foreign, Instance, Type, Union
from .engine import Inference
from .flow import chain
from .overrides import implementations
from .site import Site

_T = TypeVar("_T")


class Target(Struct, frozen=True):
    """What a call may run: its qualified name, and the function where the project has its body."""

    name: str
    function: FunctionSymbol | None = None
    cls: str = ""
    """The class of the object a method runs on, where that stands below the class that defines the method."""
    among: int = 0
    """Of how many implementations of the method that is called this is one; 0 where it is that method itself."""

    @property
    def told(self) -> Target:
        """The same under the name that people are told, which says so where nothing says which implementation runs."""
        return replace(self, name=f"{self.name} (one of {self.among} implementations)") if self.among > 1 else self


class Step(Struct, frozen=True):
    """One call on the way: made in `caller`, at a line of its file."""

    caller: FunctionSymbol
    call: CallSite
    target: Target


class Route(Struct, Generic[_T], frozen=True):
    """A way from a function to a call that was looked for: the steps, and what was found about the last one.

    All steps but the last have the names of their targets as people are told them.
    """

    steps: tuple[Step, ...]
    found: _T


def targets(
    types: Inference, function: FunctionSymbol, cls: str = ""
) -> tuple[tuple[CallSite, tuple[Target, ...]], ...]:
    """The calls of a function's own body with what each may run; what a lambda calls runs elsewhere.

    A call of a method that does nothing itself, as those of an abstract base or a protocol, may run each of its
    implementations. `cls` says of which class the object is that a method runs on, where that is known.
    """
    key = ("targets", function.qualname, function.facts.pos.line, cls)
    return types.remember(key, lambda: _targets(types, function, cls), ())


def _targets(types: Inference, function: FunctionSymbol, cls: str) -> tuple[tuple[CallSite, tuple[Target, ...]], ...]:
    scope = function.facts.scope
    this = Name(function.facts.params[0].name) if cls and function.facts.params else None
    found = []
    for one in scope.calls:
        if any(scope.blocks[b].kind == "lambda" for b in chain(scope.blocks, one.block)):
            continue
        site = Site(function.file, function.facts, None, one.block, one.pos.line, one.pos.column)
        func = one.call.func
        callee = types.type_of(func, site)
        above = isinstance(func, Attr) and isinstance(func.value, Call) and func.value.func == Name("super")
        if isinstance(callee, Callee) and isinstance(func, Attr) and this is not None and (above or func.value == this):
            callee = _on_object(types, callee, cls, "" if above else func.attr)
        found.append((one, tuple(_resolve(types, callee, not above))))
    return tuple(found)


def _on_object(types: Inference, callee: Callee, cls: str, name: str) -> Type:
    """What `self.name` is when `self` is known to be an object of `cls`; without a name, what `super()` gave of it."""
    of = callee.receiver
    if of is None or cls == of.cls or not types.is_subclass(cls, of.cls):
        return callee
    return types.attribute(type(of)(cls), name) if name else Callee(callee.qualname, type(of)(cls))


def _resolve(types: Inference, callee: Type, overridden: bool = True) -> Iterator[Target]:
    """What a call runs; `overridden`: or what takes its place in a class below."""
    if isinstance(callee, Union):
        for item in callee.items:
            yield from _resolve(types, item, overridden)
    elif isinstance(callee, Callee):
        function = types.project.function(callee.qualname)
        if function is None or function.file.path not in types.project.files:
            yield Target(callee.qualname)
            return
        yield Target(callee.qualname, function, _below(function, callee))
        if overridden and callee.receiver is not None:
            others = implementations(types, callee.receiver.cls, function)
            for cls, name in others:
                method = types.project.function(name)
                if method is not None:
                    yield Target(name, method, _below(method, Callee(name, Instance(cls))), len(others))
    elif isinstance(callee, ClassObject):
        made = None
        for name in ("__init__", "__post_init__"):
            member = types.member(callee.cls, name)
            if member is not None and member.function is not None and member.owner.file.path in types.project.files:
                made = member.function
                break
        on = callee.cls if made is not None and made.qualname.rpartition(".")[0] != callee.cls else ""
        yield Target(callee.cls, made, on)
    elif isinstance(callee, Foreign):
        yield Target(callee.path.replace("()", ""))
    elif isinstance(callee, Instance):
        member = types.member(callee.cls, "__call__")
        if member is not None and member.function is not None:
            yield from _resolve(types, Callee(member.function.qualname, callee))


def _below(function: FunctionSymbol, callee: Callee) -> str:
    """The class a method is called on, where it inherits the method."""
    if callee.receiver is None or not function.facts.owner:
        return ""
    return callee.receiver.cls if callee.receiver.cls != f"{function.file.module}.{function.facts.owner}" else ""


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
    seen = {(start.qualname, "")}
    told: set[tuple[str, CallSite, str]] = set()
    front: list[tuple[FunctionSymbol, str, tuple[Step, ...]]] = [(start, "", ())]
    while front:
        behind: list[tuple[FunctionSymbol, str, tuple[Step, ...]]] = []
        for function, cls, way in front:
            for call, reached in targets(types, function, cls):
                for target in reached:
                    steps = (*way, Step(function, call, target))
                    one = wanted(target, call)
                    if one is not None:
                        if (function.qualname, call, target.name) not in told:
                            told.add((function.qualname, call, target.name))
                            found.append(Route(steps, one))
                    elif (
                        target.function is not None
                        and (target.function.qualname, target.cls) not in seen
                        and len(steps) < depth
                        and through(target, call)
                        and (along is None or along(steps[-1]))
                    ):
                        seen.add((target.function.qualname, target.cls))
                        behind.append((target.function, target.cls, (*way, Step(function, call, target.told))))
        front = behind
    return found
