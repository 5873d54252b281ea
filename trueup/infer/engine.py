"""The inference: one object that answers for a whole project, and remembers its answers."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from typing import Any, TypeVar, cast

from ..index.facts import (
    Attr,
    Binding,
    Call,
    CallSite,
    Expr,
    FileFacts,
    Function,
    Param,
    Scope,
)
from ..index.project import (
    ClassSymbol,
    FunctionSymbol,
    Project,
    Symbol,
)
from ..types import (
    NEVER,
    UNKNOWN,
    ClassObject,
    Instance,
    Type,
)
from . import annotated, attributes, calls, classes, expressions, names, params, protocols, returns
from .earlier import Earlier, Former, Shared, SharedKey
from .hierarchy import Member, Mro
from .site import END, Site

_T = TypeVar("_T")
_Question = TypeVar("_Question", bound=Callable[..., Any])
_LASTING = "trueup_lasting"

MAX_DEPTH = 60
"""Answers that would need longer chains of calls and assignments are Unknown."""
MAX_STEPS = 20_000
"""Answers that would need more other answers are Unknown: knots of functions without annotations."""


def lasting(function: _Question) -> _Question:
    """Mark a `shared` question that is about the project as it was before any repair: a migration keeps its answer."""
    setattr(function, _LASTING, True)
    return function


class Inference:
    """Answers questions about types; one for each project and process. Remembers its answers.

    An answer does not depend on which questions were asked before: what was found while a cycle was still open,
    or beyond a limit, is not remembered.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.level = 0
        """How many times the question at hand went from a parameter to the callers; part of what is remembered."""
        self._memo: dict[Hashable, tuple[Any, int]] = {}
        """Question -> the answer, and what of the project was read for it (`Project.reads`)."""
        self._shared: dict[SharedKey, Shared] = {}
        self.earlier: Earlier | None = None
        """Asked first, where there is one."""
        self._making: list[SharedKey] = []
        """The shared questions that are being answered."""
        self._parts: dict[SharedKey, dict[str, Shared]] = {}
        """What `by_file` gave for each of them."""
        self._open: dict[Hashable, int] = {}
        """The questions that are being answered, and how deep each lies."""
        self._rests = (END, -1)
        """The lowest and the highest open question that the current answer uses, where it uses any."""
        self._passing: dict[Hashable, tuple[object, int, int, int]] = {}
        """Answers that use open questions: good until the highest of these is answered."""
        self._resting: dict[int, list[Hashable]] = {}
        """Depth of an open question -> those answers."""
        self._steps = 0
        self.parsed: dict[str, Expr | None] = {}
        self.calls: params.CallIndex | None = None

    def remember(self, key: Hashable, compute: Callable[[], _T], circular: _T) -> _T:
        """What `compute` gives, computed once for each key; `circular` where the answer rests on itself."""
        key = (self.level, key)
        project = self.project
        known = self._memo.get(key)
        if known is not None:
            project.reads |= known[1]
            return cast("_T", known[0])
        if key in self._open:
            self._rest_on(self._open[key], self._open[key])
            return circular
        if key in self._passing:
            passing, lowest, highest, read = self._passing[key]
            project.reads |= read
            self._rest_on(lowest, highest)
            return cast("_T", passing)
        depth = len(self._open)
        self._steps = self._steps + 1 if depth else 0
        if depth >= MAX_DEPTH or self._steps > MAX_STEPS:
            self._rest_on(-1, -1)
            return cast("_T", UNKNOWN) if circular is NEVER else circular
        self._open[key] = depth
        outer, self._rests = self._rests, (END, -1)
        before, project.reads = project.reads, 0
        try:
            result = compute()
        finally:
            del self._open[key]
            read, project.reads = project.reads, before | project.reads
        lowest, highest = self._rests
        self._rests = outer
        for gone in self._resting.pop(depth, ()):
            self._passing.pop(gone, None)
        if lowest >= depth or not depth:
            self._memo[key] = (result, read)
        else:
            # Deeper frames than the highest this rests on are closed; the one itself is open still.
            highest = min(highest, depth - 1)
            self._passing[key] = (result, lowest, highest, read)
            self._resting.setdefault(highest, []).append(key)
            self._rest_on(lowest, highest)
        if not depth:
            self._passing.clear()
            self._resting.clear()
        return result

    def _rest_on(self, lowest: int, highest: int) -> None:
        """Note that the answer that is being looked for uses what questions that are still open gave so far."""
        self._rests = (min(self._rests[0], lowest), max(self._rests[1], highest))

    def once(self, key: Hashable, compute: Callable[[], _T]) -> _T:
        """The answer to a library's question: computed when it is first asked for."""
        known = self._memo.get(key)
        if known is None:
            project = self.project
            before, project.reads = project.reads, 0
            try:
                known = (compute(), project.reads)
            finally:
                project.reads |= before
            self._memo[key] = known
        self.project.reads |= known[1]
        return cast("_T", known[0])

    def shared(self, function: Callable[..., _T], *args: Hashable) -> _T:
        """What `function(types, *args)` gives, a table made from the whole project say, computed once.

        Who asks is noted to rest on the answer, not on all files that were read for it: so that a change of one
        file, which leaves the table as it was, touches no other. `function` is one of a module, the arguments are
        texts, numbers and tuples of these, so that a later run can ask again.
        """
        key = SharedKey(function.__module__, function.__qualname__, args)
        known = self._shared.get(key)
        if known is None:
            project = self.project
            before, project.reads = project.reads, 0
            try:
                known = self.earlier.answer(key) if self.earlier is not None else None
                if known is None:
                    project.reads = 0
                    self._making.append(key)
                    try:
                        known = Shared(function(self, *args), project.reads)
                    except BaseException:
                        self._parts.pop(key, None)
                        raise
                    finally:
                        self._making.pop()
                self._shared[key] = known
            finally:
                project.reads = before
        self.project.note(key)
        return cast("_T", known.value)

    def by_file(self, step: Callable[..., _T], *args: Hashable) -> dict[str, _T]:
        """Path -> what `step(types, path, *args)` gives for each of the project's files; what is empty is left out.

        For the function of a `shared` question, which may use it once: where a change concerns its answer, a later run
        takes only those steps again that the change concerns. What is asked of such functions holds for `step` too;
        its arguments are those of the question. Raises RuntimeError where it is used otherwise.
        """
        if not self._making or self._making[-1] in self._parts:
            raise RuntimeError("`by_file` is for the function of a `shared` question, once in each")
        key, project = self._making[-1], self.project
        read = project.reads
        known = self.earlier.parts(key, step) if self.earlier is not None else {}
        parts = self._parts[key] = {}
        for path in project.files:
            part = known.get(path)
            if part is None:
                project.reads = 0
                part = Shared(step(self, path, *args), project.reads)
            parts[path] = part
            read |= part.read
        project.reads = read
        return {path: cast("_T", part.value) for path, part in parts.items() if part.value}

    def parts_of(self, key: SharedKey) -> Mapping[str, Shared]:
        """What `by_file` gave when a shared question was asked; nothing for one that does not use it."""
        return self._parts.get(key, {})

    def lasting_answers(self, keys: Iterable[Hashable]) -> dict[SharedKey, object]:
        """The answers to those of some questions that are marked as `lasting`."""
        found: dict[SharedKey, object] = {}
        for key in keys:
            if isinstance(key, SharedKey):
                function = getattr(importlib.import_module(key.module), key.function)
                if hasattr(function, _LASTING):
                    found[key] = key.asked(self)
        return found

    def settle(self, answers: Mapping[SharedKey, object]) -> None:
        """Take answers that hold whatever has become of the project."""
        self._shared.update({key: Shared(value, 0) for key, value in answers.items()})

    def take_over(self, earlier: Inference, changed: Collection[str]) -> None:
        """Keep the answers to shared questions for which nothing was read that has changed since.

        Those that were made from others which come out as they were are kept too, when they are asked for.

        Args:
            earlier: what answered about the project as it was: the same files, some with other texts.
            changed: the paths of these.
        """
        if not self.project.continues(earlier.project):
            return
        earlier.ask_below()
        paths = [path for path in changed if path in self.project.files]  # the others cannot be read, as before
        names = {name for path in paths for types in (earlier, self) for name in params.mentions(types, path)}
        gone = self.project.bits_of(paths) | self.project.bits_of_others(params.Mention(name) for name in names)
        self.project.reads = 0
        self.earlier = Former(self, earlier._shared | self._shared, dict(earlier._parts), gone)
        waiting = {key: one for key, one in earlier._shared.items() if key not in self._shared}
        while lost := [key for key, one in waiting.items() if one.read & gone]:
            gone |= self.project.bits_of_others(lost)
            for key in lost:
                del waiting[key]
        self._shared.update(waiting)
        self._parts = {key: parts for key, parts in earlier._parts.items() if key in waiting}

    def ask_below(self) -> None:
        """Ask also for what the answers were made from: those of an earlier run were given without that.

        What is known then outlives a change (`take_over`, which does this too, where nobody has before).
        """
        if self.earlier is None or isinstance(self.earlier, Former):
            return
        waiting = list(self._shared)
        while waiting:
            read = self._shared[waiting.pop()].read
            for name in self.project.named(read & ~self.project.own_bits):
                if isinstance(name, SharedKey) and name not in self._shared:
                    name.asked(self)
                    waiting.append(name)

    def forget(self) -> None:
        """Let go of all answers, and of the project: there are cycles in both."""
        self._memo.clear()
        self._shared.clear()
        self._parts.clear()
        self.earlier = None
        self.parsed.clear()
        self.calls = None
        self.project.forget()

    def answered(self, key: SharedKey) -> Shared:
        """The answer to a shared question that was asked before, be it of an earlier run."""
        if key not in self._shared:
            key.asked(self)
        return self._shared[key]

    def name_type(self, name: str, site: Site) -> Type:
        """What a bare name is where it is read."""
        return names.name_type(self, name, site)

    def parent_of(self, file: FileFacts, function: Function) -> Function | None:
        """The function a nested function stands in."""
        return names.parent_of(self, file, function)

    def binding_type(self, binding: Binding, scope: Scope, site: Site) -> Type:
        """The type one binding gives its name; `site` only says which file and scope it stands in."""
        return names.binding_type(self, binding, scope, site)

    def symbol_of(self, expr: Expr, site: Site) -> Symbol | None:
        """The module-level thing a name or dotted name stands for; None for anything local."""
        return names.symbol_of(self, expr, site)

    def qualname(self, expr: Expr, site: Site) -> str | None:
        """The canonical qualified name a name or dotted name refers to, None for locals and other expressions."""
        return names.qualname(self, expr, site)

    def symbol_type(self, symbol: Symbol | None) -> Type:
        """What reading a module-level symbol gives."""
        return names.symbol_type(self, symbol)

    def scope_of(self, site: Site) -> Scope:
        """The scope a site is in."""
        return names.scope_of(self, site)

    def annotation(self, expr: Expr, site: Site) -> Type:
        """The type of the objects an annotation describes."""
        return annotated.annotation(self, expr, site)

    def injected(self, extras: tuple[Expr, ...], site: Site) -> Type:
        """The type `Depends(f)` gives, looked for in the extras of an Annotated or in a default."""
        return annotated.injected(self, extras, site)

    def dependency(self, provider: Type) -> Type:
        """What FastAPI passes for `Depends(provider)`: the result, awaited, or what a generator yields."""
        return annotated.dependency(self, provider)

    def param_type(self, param: Param, function: Function, file: FileFacts) -> Type:
        """What a parameter can be inside its function."""
        return params.param_type(self, param, function, file)

    def definition_site(self, function: Function, file: FileFacts) -> Site:
        """Where a function's annotations, defaults and decorators are read."""
        return params.definition_site(self, function, file)

    def self_type(self, function: Function, file: FileFacts, outside: Site) -> Type | None:
        """What `self` or `cls` is; None for a static method."""
        return params.self_type(self, function, file, outside)

    def files_importing(self, *packages: str) -> list[FileFacts]:
        """The project's files that import one of some top-level packages, by path."""
        return [self.project.files[path] for path in self.shared(params.paths_importing, packages)]

    def calls_named(self, name: str) -> list[tuple[Site, CallSite]]:
        """The project's calls whose callee is written with a name, `x.name(...)` or `name(...)`, by path and line.

        An import under another name hides a call from this: `from fastapi import Depends as D`.
        """
        return params.calls_named(self, name)

    def is_passed(self, name: str) -> bool:
        """Whether anything written with a name is an argument of a call: who takes it may call it."""
        return params.is_passed(self, name)

    def call_sites(self, file: FileFacts) -> Iterable[tuple[Site, CallSite]]:
        """A file's calls, each with the place it is made at."""
        return params.call_sites(self, file)

    def bases(self, cls: str) -> tuple[tuple[str, Type], ...]:
        """(qualified name it is written under, class) of each base of a class; () for one that is not known."""
        return classes.bases(self, cls)

    def class_site(self, symbol: ClassSymbol) -> Site:
        """Where a class statement's bases and decorators are read: the scope it stands in."""
        return classes.class_site(self, symbol)

    def mro(self, cls: str) -> Mro:
        """A class's lookup order."""
        return classes.mro(self, cls)

    def is_subclass(self, cls: str, base: str) -> bool | None:
        """Whether a class is, or inherits from, another; None where an unknown base leaves it open."""
        return classes.is_subclass(self, cls, base)

    def class_orders(self) -> Iterator[Mro]:
        """The lookup orders of all classes of the project, by path and line: what goes through these alone is not
        concerned by what else stands in the classes."""
        for orders in self.shared(classes.class_orders).values():
            yield from orders

    def parameters(self, cls: str) -> tuple[Type, ...]:
        """The type variables of a generic class, in order."""
        return classes.parameters(self, cls)

    def ancestor_args(self, cls: str, args: tuple[Type, ...], ancestor: str) -> tuple[Type, ...] | None:
        """The type arguments a class has as one of its ancestors; None where it is not one."""
        return classes.ancestor_args(self, cls, args, ancestor)

    def type_env(self, cls: str, args: tuple[Type, ...]) -> dict[str, Type]:
        """A generic class's type variables, bound to some arguments; to their bounds where there are none."""
        return classes.type_env(self, cls, args)

    def member(self, cls: str, name: str) -> Member | None:
        """Where a class gets a member from: the first in its lookup order that defines it; None if none known does.

        A class in that order whose source is not known stops the search: what it defines is not known either.
        """
        return classes.member(self, cls, name)

    def member_in(self, mro: Mro, name: str) -> Member | None:
        """Where a lookup order first defines a member."""
        return classes.member_in(self, mro, name)

    def own_member(self, symbol: ClassSymbol, name: str) -> Member | None:
        """What a class itself defines under a name: in its body, or by assigning to `self`."""
        return classes.own_member(self, symbol, name)

    def attribute_of(self, expr: Attr, site: Site) -> Type:
        """What an attribute expression is; knows modules and `super()`."""
        return attributes.attribute_of(self, expr, site)

    def attribute(self, of: Type, name: str) -> Type:
        """The type of an attribute of something."""
        return attributes.attribute(self, of, name)

    def call_type(self, call: Call, site: Site) -> Type:
        """What a call expression gives."""
        return calls.call_type(self, call, site)

    def called(self, function: Type, call: Call | None, site: Site | None) -> Type:
        """What calling something gives; without a call, whatever its arguments are."""
        return calls.called(self, function, call, site)

    def method_result(self, of: Instance, name: str, args: list[Type] | None) -> Type:
        """What calling a method gives for arguments of some types."""
        return calls.method_result(self, of, name, args)

    def result_of(
        self,
        symbol: FunctionSymbol,
        receiver: Instance | ClassObject | None,
        call: Call | None,
        site: Site | None,
    ) -> Type:
        """What a call of a function gives, its decorators understood."""
        return calls.result_of(self, symbol, receiver, call, site)

    def declared_result(self, symbol: FunctionSymbol) -> Type:
        """What a call of a function gives as its definition and decorators say, type variables left in."""
        return returns.declared_result(self, symbol)

    def awaited(self, value: Type) -> Type:
        """What `await value` gives."""
        return protocols.awaited(self, value)

    def iterated(self, value: Type, asynchronous: bool = False) -> Type:
        """What iterating over something gives, one at a time."""
        return protocols.iterated(self, value, asynchronous)

    def entered(self, value: Type, asynchronous: bool = False) -> Type:
        """What `with value as x` binds."""
        return protocols.entered(self, value, asynchronous)

    def type_of(self, expr: Expr, site: Site) -> Type:
        """The type of an expression read at a place."""
        return expressions.type_of(self, expr, site)
