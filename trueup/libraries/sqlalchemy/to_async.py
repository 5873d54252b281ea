"""What lies between a sync session and the async code that uses it, and what keeps that from using an async session."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from typing import NamedTuple

from ...index.expressions import last_name
from ...index.facts import Attr, CallSite, Expr, Function, Lambda, Name
from ...index.project import FunctionSymbol
from ...infer import Inference, Site
from ...infer.annotated import DEPENDS
from ...infer.reach import Step, Target, targets
from ...types import Callee, Instance, Union, without_none
from ..blocking import blocking_call
from ..blocking.reached import comes_to
from ..fastapi import entry, functions_of, route_decorator
from ..loop import LIFESPAN, SERIALIZER, VALIDATOR, runs_on_loop
from .late_reads import parts, relationship_names
from .late_relationships import loaded_late
from .sessions import SESSION, is_session, is_sqlmodel_session

_DEPTH = 8
_SESSIONS = ("sqlalchemy.orm.Session.", "sqlalchemy.orm.Query.", "sqlmodel.Session.")
_NO_ASYNC = {
    "query": "`AsyncSession` has no `query()`: write `select()` first, which `--step sqlalchemy-queries` does",
    "bulk_save_objects": "`AsyncSession` has no `bulk_save_objects()`: use `add_all()`, or `run_sync`",
    "bulk_insert_mappings": "`AsyncSession` has no `bulk_insert_mappings()`: use `execute(insert(...), rows)`",
    "bulk_update_mappings": "`AsyncSession` has no `bulk_update_mappings()`: use `execute(update(...), rows)`",
}
_MAKERS = ("sqlalchemy.create_engine", "sqlmodel.create_engine", "sqlalchemy.orm.sessionmaker", SESSION)
_PLAIN = frozenset({"staticmethod", "classmethod", "abstractmethod", "override"})


class Hurdle(NamedTuple):
    """What stands in the way of a function's conversion, and where."""

    why: str
    path: str
    line: int


class OnTheWay(NamedTuple):
    """A function between async code and a session: what has to become of it."""

    name: str
    path: str
    line: int
    is_async: bool
    """It is async code already, in which calls of the session are to be awaited."""
    awaits: int
    """How many calls in it get an `await`: of the session, and of functions that become async."""
    hurdles: tuple[Hurdle, ...]


class Start(NamedTuple):
    """Async code that FastAPI runs and that comes to a sync session."""

    kind: str
    name: str
    path: str
    line: int
    through: tuple[int, ...]
    """Which of the functions lie on its ways."""


class Conversion(NamedTuple):
    """How far an application is from `AsyncSession`."""

    starts: tuple[Start, ...]
    functions: tuple[OnTheWay, ...]
    """By path and line, the starts among them."""
    makers: tuple[Hurdle, ...]
    """Where engines, sessionmakers and sessions are made: what is to be made instead, and where."""

    @property
    def ready(self) -> tuple[Start, ...]:
        """The starts in whose way nothing stands."""
        return tuple([one for one in self.starts if not any(self.functions[n].hurdles for n in one.through)])


def conversion(types: Inference, paths: Collection[str]) -> Conversion:
    """How far some files are from `AsyncSession`: all that lies between their async code and sync sessions."""
    starts = list(_starts(types, paths))
    edges: dict[str, list[tuple[CallSite, str]]] = {}
    known: dict[str, FunctionSymbol] = {}
    sessions: dict[str, list[CallSite]] = {}
    for _, start in starts:
        _follow(types, start, known, edges, sessions)
    on_the_way = _backwards(edges, sessions)
    order = sorted(on_the_way, key=lambda name: (known[name].file.path, known[name].facts.pos.line))
    number = {name: index for index, name in enumerate(order)}
    functions = []
    for name in order:
        function = known[name]
        awaited = {call.pos for call, to in edges[name] if to in on_the_way}
        functions.append(
            OnTheWay(
                _shown(function),
                function.file.path,
                function.facts.pos.line,
                function.facts.is_async,
                len(awaited | {call.pos for call in sessions[name]}),
                tuple(dict.fromkeys(_hurdles(types, function, on_the_way))),
            )
        )
    found = []
    for kind, start in starts:
        if start.qualname in on_the_way:
            facts = start.facts
            through = sorted(number[name] for name in _through(start.qualname, edges, on_the_way))
            found.append(Start(kind, _shown(start), start.file.path, facts.pos.line, tuple(through)))
    return Conversion(tuple(found), tuple(functions), tuple(_makers(types, paths)) if found else ())


# The way there --------------------------------------------------------------------------------------------------------


def _starts(types: Inference, paths: Collection[str]) -> Iterator[tuple[str, FunctionSymbol]]:
    for function in types.project.functions():
        if not function.facts.is_async or function.file.path not in paths or _is_test(function.file.module):
            continue
        kind = runs_on_loop(types, function)
        if kind is not None and kind not in (LIFESPAN, VALIDATOR, SERIALIZER):
            yield kind, function


def _follow(
    types: Inference,
    start: FunctionSymbol,
    known: dict[str, FunctionSymbol],
    edges: dict[str, list[tuple[CallSite, str]]],
    sessions: dict[str, list[CallSite]],
) -> None:
    """Enter all that a function comes to: who calls whom, and who calls a session."""
    front = deque([(start, 0)])
    while front:
        function, depth = front.popleft()
        name = function.qualname
        if name in known:
            continue
        known[name], edges[name], sessions[name] = function, [], []
        for call, reached in targets(types, function):
            for target in reached:
                if _uses_session(target) and not call.awaited:
                    sessions[name].append(call)
                elif target.function is not None and comes_to(types, Step(function, call, target)):
                    edges[name].append((call, target.function.qualname))
                    if depth < _DEPTH:
                        front.append((target.function, depth + 1))


def _uses_session(target: Target) -> bool:
    known = blocking_call(target.name)
    return known is not None and known.family == "sqlalchemy" and f"{known.entry}.".startswith(_SESSIONS)


def _backwards(edges: dict[str, list[tuple[CallSite, str]]], sessions: dict[str, list[CallSite]]) -> frozenset[str]:
    """The functions that come to a session's call."""
    callers: dict[str, list[str]] = {}
    for name, calls in edges.items():
        for _, to in calls:
            callers.setdefault(to, []).append(name)
    found = {name for name, calls in sessions.items() if calls}
    waiting = deque(sorted(found))
    while waiting:
        for name in callers.get(waiting.popleft(), ()):
            if name not in found:
                found.add(name)
                waiting.append(name)
    return frozenset(found)


def _through(start: str, edges: dict[str, list[tuple[CallSite, str]]], among: frozenset[str]) -> set[str]:
    found = {start}
    waiting = [start]
    while waiting:
        for _, to in edges.get(waiting.pop(), ()):
            if to in among and to not in found:
                found.add(to)
                waiting.append(to)
    return found


# What stands in the way -----------------------------------------------------------------------------------------------


def _hurdles(types: Inference, function: FunctionSymbol, on_the_way: frozenset[str]) -> Iterator[Hurdle]:
    facts, path = function.facts, function.file.path
    here, site = facts.pos.line, types.definition_site(facts, function.file)
    if not facts.is_async:
        if facts.name.startswith("__") and facts.name.endswith("__"):
            yield Hurdle(f"`{facts.name}` cannot be async: move its queries to a method", path, here)
            return
        for decorator in facts.decorators:
            name = _last(decorator)
            if name.endswith("property"):
                yield Hurdle("a property cannot be awaited: make it a method", path, here)
            elif name not in _PLAIN and route_decorator(types, decorator, site) is None:
                yield Hurdle(f"`@{name}` gets a coroutine function then", path, here)
        if facts.is_generator and entry(types, function) is None:
            yield Hurdle("it is a generator: who loops over it needs `async for`", path, here)
        yield from _used_elsewhere(types, function, on_the_way)
        yield from _overridden(types, function, on_the_way)
    yield from _in_its_body(types, function)


def _used_elsewhere(types: Inference, function: FunctionSymbol, on_the_way: frozenset[str]) -> Iterator[Hurdle]:
    name = function.facts.name
    if name.startswith("__"):
        return
    for site, one in types.calls_named(name):
        if _is_test(site.file.module) or not _is_it(types, one.call.func, site, function):
            continue
        caller = site.function
        if caller is None:
            yield Hurdle("it is called when a module is imported", site.file.path, one.pos.line)
        elif f"{site.file.module}.{caller.qualname}" not in on_the_way and not caller.is_async:
            role = entry(types, FunctionSymbol(f"{site.file.module}.{caller.qualname}", site.file, caller, (caller,)))
            kind = f"the plain {role.kind} `{caller.name}` calls it, and has to become async too" if role else ""
            yield Hurdle(kind or f"`{caller.name}`, which stays sync, calls it", site.file.path, one.pos.line)
    if not types.is_passed(name):
        return
    for file in types.project.files.values():
        if name not in file.passed or _is_test(file.module):
            continue
        for site, one in types.call_sites(file):
            given = [value for value in (*one.call.args, *[v for _, v in one.call.keywords]) if _last(value) == name]
            if not any(_is_it(types, value, site, function) for value in given):
                continue
            if types.qualname(one.call.func, site) not in DEPENDS:
                yield Hurdle("it is handed on as a function", site.file.path, one.pos.line)


def _is_it(types: Inference, expr: Expr, site: Site, function: FunctionSymbol) -> bool:
    if not isinstance(expr, Name | Attr):
        return False
    found = types.type_of(expr, site)
    of = found.items if isinstance(found, Union) else (found,)
    return any(isinstance(one, Callee) and function.qualname in functions_of(types, one) for one in of)


def _overridden(types: Inference, function: FunctionSymbol, on_the_way: frozenset[str]) -> Iterator[Hurdle]:
    """The methods above it that would have to become async with it, and are not on the way."""
    facts, module = function.facts, function.file.module
    if not facts.owner:
        return
    owner = f"{module}.{facts.owner}"
    for above in types.mro(owner).names[1:]:
        symbol = types.project.klass(above)
        if symbol is None or facts.name not in symbol.facts.methods:
            continue
        other = types.project.function(f"{above}.{facts.name}")
        short = f"{symbol.facts.name}.{facts.name}"
        if not types.project.is_own(above):
            yield Hurdle(f"it overrides `{short}`, which is sync", function.file.path, facts.pos.line)
        elif other is not None and other.qualname not in on_the_way:
            line = other.facts.pos.line
            yield Hurdle(f"`{short}`, which it overrides, becomes async too", other.file.path, line)


def _in_its_body(types: Inference, function: FunctionSymbol) -> Iterator[Hurdle]:
    facts, path = function.facts, function.file.path
    names = relationship_names(types)
    told: set[str] = set()
    for one in facts.scope.calls:
        site = Site(function.file, facts, None, one.block, one.pos.line, one.pos.column)
        func = one.call.func
        if isinstance(func, Attr) and func.attr in _NO_ASYNC and _is_session(types, func.value, site):
            yield Hurdle(_NO_ASYNC[func.attr], path, one.pos.line)
        for value in one.call.args:
            if isinstance(value, Lambda):
                continue
            if isinstance(value, Name) and _is_session(types, value, site) and (name := _foreign(types, one, site)):
                yield Hurdle(f"`{name}` is handed the session, and is not the project's own", path, one.pos.line)
    for expr, site in _read(function, facts):
        for part in parts(expr):
            if not isinstance(part, Attr) or part.attr not in names:
                continue
            of = without_none(types.type_of(part.value, site))
            if isinstance(of, Instance) and loaded_late(types, of.cls, part.attr) is not None:
                shown = f"{of.cls.rpartition('.')[2]}.{part.attr}"
                if shown not in told:
                    told.add(shown)
                    yield Hurdle(f"`{shown}` is loaded when it is read: load it with the query", path, site.line)


def _read(function: FunctionSymbol, facts: Function) -> Iterator[tuple[Expr, Site]]:
    """The expressions of a body that facts keep."""
    file = function.file
    for binding in facts.scope.bindings:
        if binding.value is not None:
            yield binding.value, Site(file, facts, None, binding.block, binding.line, binding.column)
    for call in facts.scope.calls:
        yield call.call, Site(file, facts, None, call.block, call.pos.line, call.pos.column)
    for value, line, column in facts.returned:
        yield value, Site(file, facts, None, 0, line, column)


def _is_session(types: Inference, expr: Expr, site: Site) -> bool:
    found = types.type_of(expr, site)
    return is_session(types, found) is True or is_sqlmodel_session(types, found)


def _foreign(types: Inference, one: CallSite, site: Site) -> str:
    """The name of a library's function that is called; empty for the project's own, and for SQLAlchemy's."""
    name = types.qualname(one.call.func, site) or ""
    if not name or types.project.is_own(name) or name.startswith(("builtins.", "sqlalchemy.", "sqlmodel.", "typing.")):
        return ""
    return name


def _makers(types: Inference, paths: Collection[str]) -> Iterator[Hurdle]:
    """Where engines and sessionmakers are made that the async ones take the place of."""
    instead = {
        "create_engine": "`create_async_engine`, with an async driver in the URL",
        "sessionmaker": "`async_sessionmaker(..., expire_on_commit=False)`",
        "Session": "`AsyncSession`, in `async with`",
    }
    for file in types.project.files.values():
        if file.path not in paths or not {"sqlalchemy", "sqlmodel"} & set(file.imported) or _is_test(file.module):
            continue
        for site, one in types.call_sites(file):
            name = _last(one.call.func)
            if name in instead and types.qualname(one.call.func, site) in (*_MAKERS, "sqlmodel.Session"):
                yield Hurdle(f"`{name}` becomes {instead[name]}", file.path, one.pos.line)


def _shown(function: FunctionSymbol) -> str:
    return function.facts.qualname


def _last(expr: Expr) -> str:
    func = getattr(expr, "func", expr)
    return last_name(func) if isinstance(func, Name | Attr) else ""


def _is_test(module: str) -> bool:
    return any(
        part in ("tests", "test", "testing", "conftest") or part.startswith("test_") for part in module.split(".")
    )
