"""Which blocking calls the event loop comes to, from where, and on which way: a table of the whole project."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from ...index.facts import Attr, Call, CallSite, Expr, Function, Name, Opaque
from ...index.project import FunctionSymbol
from ...infer import Inference, Site
from ...infer.reach import Step, Target, targets
from ...module_names import is_of_tests
from ...types import Foreign, Instance, Type, Union
from ..fastapi import functions_of
from ..loop import LIFESPAN, annotated_validators, is_stream, runs_on_loop
from . import DATABASE_BRIDGES, OFFLOADERS, Blocking, BlockingTable, Level, built_in, extend

DEPTH = 8
"""The most calls on a way; longer ones are seldom taken."""
DATABASE = frozenset({"sqlalchemy", "database-driver", "orm"})
"""The families of calls whose rule is about sessions in routes."""
_DIRECT = frozenset({"event-loop"})
"""Families that count only where they stand in async code: a helper asks first whether a loop is running."""
_CACHES = frozenset({"functools.cache", "functools.lru_cache", "functools.cached_property", "async_lru.alru_cache"})
_CONTEXTS = frozenset({"contextlib.contextmanager", "contextlib.asynccontextmanager"})
_CONSUMERS = frozenset(f"builtins.{n}" for n in "all any dict frozenset list max min next set sorted sum tuple".split())
_CALLING = frozenset({"builtins.map", "builtins.filter", "functools.reduce"})
_LAZY = frozenset({"requests.Response.iter_content", "requests.Response.iter_lines"})
"""What only blocks when its parts are asked for: a streamed response does so in a thread."""
_OPENED = frozenset({"json.dump", "json.load", "pickle.dump", "pickle.load", "tomllib.load"})
"""What works on a file that is open: where it is opened here, that is said of the opening."""
_OF_DICTIONARIES = frozenset({"copy", "get", "items", "keys", "pop", "setdefault", "update", "values"})
_IN_MEMORY = frozenset({"io.BytesIO", "io.StringIO"})


class Ref(NamedTuple):
    """A function of the project: its file, and which of the file's functions it is."""

    path: str
    number: int


class Hop(NamedTuple):
    """A call on a way: the function it is made in, which of its calls it is, and the name of what it runs."""

    caller: Ref
    call: int
    name: str


class Blocked(NamedTuple):
    """A blocking call that the loop comes to.

    `way` goes from a function the loop runs to the blocking call; `turn` is the hop in it where code that only waits
    becomes code that blocks. `others` are more functions the loop runs that come to the same call.
    """

    turn: int
    way: tuple[Hop, ...]
    kind: str
    """What the first function is to FastAPI; empty for an async function of which this is not known."""
    others: tuple[Ref, ...]
    entry: str
    level: str
    family: str
    instead: str


def blocked_in(
    types: Inference, path: str, more: tuple[str, ...] = (), less: tuple[str, ...] = ()
) -> tuple[Blocked, ...]:
    """The blocking calls of which the loop's own code makes the first step in a file.

    `more` and `less` are the project's own lines for the table of blocking calls.
    """
    return types.shared(_of_file, path, more, less)


def _of_file(types: Inference, path: str, more: tuple[str, ...], less: tuple[str, ...]) -> tuple[Blocked, ...]:
    return types.shared(_find, more, less).get(path, ())


def function_of(types: Inference, ref: Ref) -> FunctionSymbol:
    """The function that is meant."""
    file = types.project.files[ref.path]
    facts = file.functions[ref.number]
    return FunctionSymbol(f"{file.module}.{facts.qualname}", file, facts, (facts,))


class _Spot(NamedTuple):
    """A function, and of which class the object is that it runs on as a method; empty where it is the method's own."""

    ref: Ref
    cls: str = ""


class _Node(NamedTuple):
    edges: tuple[tuple[int, str, _Spot], ...]
    """(which call, the name of what it runs, the function)"""
    sites: tuple[tuple[int, str, Blocking], ...]
    """(which call, its name, what is known of it)"""


def _find(types: Inference, more: tuple[str, ...], less: tuple[str, ...]) -> dict[str, tuple[Blocked, ...]]:
    table = extend(more, less) if more or less else built_in()
    refs = _Refs(types)
    on_loop = types.shared(_on_loop)
    kinds = {Ref(path, index): kind for path, some in on_loop.items() for index, kind in some if kind is not None}
    nodes: dict[_Spot, _Node] = {}
    ways = _ways(types, table, refs, kinds, nodes)
    reaching = _reaching(nodes, kinds)
    found: dict[str, list[Blocked]] = {}
    told: set[tuple[Ref, int]] = set()
    for spot, (start, way) in ways.items():
        others = tuple([one for one in reaching[spot.ref] if one != start])
        for call, name, known in nodes[spot].sites:
            if (spot.ref, call) not in told:
                told.add((spot.ref, call))
                steps = (*way, Hop(spot.ref, call, name))
                _enter(types, found, steps, kinds[start], others, known)
    come_to = {spot.ref for spot in ways}
    for path, some in on_loop.items():
        for ref in (Ref(path, index) for index, _ in some):
            if ref in come_to or not _facts(types, ref).is_async or is_of_tests(types.project.files[path].module):
                continue
            for call, name, known in _node(types, table, refs, _Spot(ref)).sites:
                _enter(types, found, (Hop(ref, call, name),), "", (), known)
    return {path: tuple(some) for path, some in found.items()}


def _on_loop(types: Inference) -> dict[str, tuple[tuple[int, str | None], ...]]:
    """Path -> the functions of that file which are async or which FastAPI runs on the loop, with what these are."""
    return types.by_file(_on_loop_in)


def _on_loop_in(types: Inference, path: str) -> tuple[tuple[int, str | None], ...]:
    found: list[tuple[int, str | None]] = []
    annotated = types.shared(annotated_validators)
    file = types.project.files[path]
    for index, facts in enumerate(file.functions):
        kind = None
        if facts.is_async or facts.decorators or f"{file.module}.{facts.qualname}" in annotated:
            kind = runs_on_loop(types, function_of(types, Ref(path, index)))
        if facts.is_async or kind is not None:
            found.append((index, kind))
    return tuple(found)


class _Refs:
    """The functions of the project by where they stand."""

    def __init__(self, types: Inference) -> None:
        self._files = types.project.files
        self._known: dict[str, dict[tuple[int, int], Ref]] = {}

    def of(self, function: FunctionSymbol) -> Ref | None:
        """The function of the project that a symbol means."""
        path, pos = function.file.path, function.facts.pos
        known = self._known.get(path)
        if known is None:
            file = self._files.get(path)
            here = enumerate(file.functions) if file is not None else ()
            known = self._known[path] = {(one.pos.line, one.pos.column): Ref(path, index) for index, one in here}
        return known.get((pos.line, pos.column))


def _enter(
    types: Inference,
    found: dict[str, list[Blocked]],
    way: tuple[Hop, ...],
    kind: str,
    others: tuple[Ref, ...],
    known: Blocking,
) -> None:
    turn = max((n for n, hop in enumerate(way) if _facts(types, hop.caller).is_async), default=0)
    if known.level is not Level.HIGH and turn != len(way) - 1:
        return
    if known.family in _DIRECT and not _facts(types, way[-1].caller).is_async:
        return
    one = Blocked(turn, way, kind, others, known.entry, known.level.value, known.family, known.instead)
    found.setdefault(way[turn].caller.path, []).append(one)


def _facts(types: Inference, ref: Ref) -> Function:
    return types.project.files[ref.path].functions[ref.number]


def _ways(
    types: Inference,
    table: BlockingTable,
    refs: _Refs,
    kinds: dict[Ref, str],
    nodes: dict[_Spot, _Node],
) -> dict[_Spot, tuple[Ref, tuple[Hop, ...]]]:
    """Each function the loop comes to -> the nearest that FastAPI runs, the application's start last, and the way."""
    ways: dict[_Spot, tuple[Ref, tuple[Hop, ...]]] = {}
    first = [ref for ref in kinds if not is_of_tests(types.project.files[ref.path].module)]
    first.sort(key=lambda ref: kinds[ref] == LIFESPAN)
    # What only the start of the application comes to is told apart: its ways are looked for when all others are known.
    for late in (False, True):
        front = deque([_Spot(ref) for ref in first if (kinds[ref] == LIFESPAN) is late and _Spot(ref) not in ways])
        for spot in front:
            ways[spot] = (spot.ref, ())
        while front:
            spot = front.popleft()
            start, way = ways[spot]
            node = nodes[spot] = nodes.get(spot) or _node(types, table, refs, spot)
            if len(way) >= DEPTH - 1:
                continue
            for call, name, callee in node.edges:
                if callee not in ways:
                    ways[callee] = (start, (*way, Hop(spot.ref, call, name)))
                    front.append(callee)
    return ways


def _reaching(nodes: dict[_Spot, _Node], kinds: dict[Ref, str]) -> dict[Ref, tuple[Ref, ...]]:
    """Each function -> those FastAPI runs that come to it, in the order of files."""
    starts = [ref for ref in kinds if _Spot(ref) in nodes]
    bits = dict.fromkeys(nodes, 0)
    for number, ref in enumerate(starts):
        bits[_Spot(ref)] |= 1 << number
    waiting = deque([_Spot(ref) for ref in starts])
    while waiting:
        spot = waiting.popleft()
        for _, _, callee in nodes[spot].edges:
            if callee in bits and bits[spot] | bits[callee] != bits[callee]:
                bits[callee] |= bits[spot]
                waiting.append(callee)
    joined: dict[Ref, int] = {}
    for spot, held in bits.items():
        joined[spot.ref] = joined.get(spot.ref, 0) | held
    return {ref: tuple([s for n, s in enumerate(starts) if held >> n & 1]) for ref, held in joined.items()}


# One function ---------------------------------------------------------------------------------------------------------


def _node(types: Inference, table: BlockingTable, refs: _Refs, spot: _Spot) -> _Node:
    symbol = function_of(types, spot.ref)
    scope = symbol.facts.scope
    numbers = {one.pos: number for number, one in enumerate(scope.calls)}
    called = targets(types, symbol, spot.cls)
    away = _away(types, symbol)
    edges: list[tuple[int, str, _Spot]] = []
    sites: list[tuple[int, str, Blocking]] = []
    for call, reached in called:
        number = numbers[call.pos]
        known = _known(types, table, symbol, call, reached)
        if known is not None and known[1].entry in _LAZY and any(call.call in outer.call.args for outer in away):
            continue
        if known is not None:
            sites.append((number, *known))
            continue
        if call in away:
            continue
        for target in reached:
            if target.function is not None and _runs_here(types, symbol, call, target.function, away):
                _connect(edges, refs, number, target.told.name, target.function, target.cls)
        for function in _given(types, symbol, call, reached):
            if not function.facts.is_async and not function.facts.is_generator:
                _connect(edges, refs, number, function.qualname, function)
    made = [scope.calls[number].call for number, _, _ in sites]
    # Of `urlopen(url).read()` the first call is told.
    sites = [one for one in sites if getattr(scope.calls[one[0]].call.func, "value", None) not in made]
    if any(known.entry not in _OPENED for _, _, known in sites):
        sites = [one for one in sites if one[2].entry not in _OPENED]
    return _Node(tuple(edges), tuple(sites))


def _connect(
    edges: list[tuple[int, str, _Spot]],
    refs: _Refs,
    number: int,
    name: str,
    function: FunctionSymbol,
    cls: str = "",
) -> None:
    callee = refs.of(function)
    if callee is not None:
        edges.append((number, name, _Spot(callee, cls)))


def _given(
    types: Inference, function: FunctionSymbol, call: CallSite, reached: tuple[Target, ...]
) -> Iterator[FunctionSymbol]:
    """The functions that a call runs because it was given them: `map(f, xs)`, `partial(f, x)()`, `run_sync(f)`."""
    site = _site(function, call)
    made: Expr | None = call.call.func
    if isinstance(made, Name):
        held = [one for one in function.facts.scope.bindings if one.name == made.id]
        made = held[0].value if len(held) == 1 and held[0].how == "assign" and not held[0].unpack else None
    value: Expr | None = None
    if isinstance(made, Call) and made.args and types.qualname(made.func, site) == "functools.partial":
        value = made.args[0]
    elif any(target.name in _CALLING or target.name in DATABASE_BRIDGES for target in reached) and call.call.args:
        value = call.call.args[0]
    for name in functions_of(types, types.type_of(value, site)) if value is not None else ():
        found = types.project.function(name)
        if found is not None:
            yield found


def comes_to(types: Inference, step: Step) -> bool:
    """Whether the body of the project's function that a call leads to runs on the loop when the call's own does."""
    none: tuple[CallSite, ...] = ()
    key = ("away", step.caller.qualname, step.caller.facts.pos.line)
    away = types.remember(key, lambda: _away(types, step.caller), none)
    return (
        step.call not in away
        and step.target.function is not None
        and _runs_here(types, step.caller, step.call, step.target.function, away)
    )


def _away(types: Inference, function: FunctionSymbol) -> tuple[CallSite, ...]:
    """The calls of a function that have another thread do the work, or make a response that will."""
    return tuple([call for call, to in targets(types, function) if _leads_away(types, to)])


def _known(
    types: Inference, table: BlockingTable, function: FunctionSymbol, call: CallSite, reached: tuple[Target, ...]
) -> tuple[str, Blocking] | None:
    """The name and the entry of a call that blocks; None for others."""
    if call.awaited or call.call.func.__class__ is Opaque:
        return None
    site = _site(function, call)
    for target in reached:
        known = table.call(target.name)
        if known is None or _harmless(types, known, call.call, site):
            continue
        if not _is_of_answer(types, table, known, call.call, site):
            return target.name, known
    if not reached and isinstance(call.call.func, Attr):
        of = types.type_of(call.call.func.value, site)
        for one in of.items if isinstance(of, Union) else (of,):
            if isinstance(one, Instance):
                known = table.method(types.mro(one.cls).names, call.call.func.attr)
                if known is not None and not _harmless(types, known, call.call, site):
                    return f"{one.cls}.{call.call.func.attr}", known
    return None


def _is_of_answer(types: Inference, table: BlockingTable, known: Blocking, call: Call, site: Site) -> bool:
    """Whether a method is a dictionary's that a blocking call gave: `answer = client.search(...); answer.get()`."""
    callee = types.type_of(call.func, site)
    if not isinstance(callee, Foreign):
        return False
    made, _, method = callee.path.rpartition("()")
    giving = table.call(made) if made and method[1:] in _OF_DICTIONARIES else None
    return giving is not None and giving.entry == known.entry


def _harmless(types: Inference, known: Blocking, call: Call, site: Site) -> bool:
    """Whether a call is not to be reported: another rule does, it is fast, it need not wait, it works in memory."""
    if known.family in DATABASE or known.level is Level.LOW:
        return True
    if known.family == "wait":
        if site.function is not None and any(_asks_first(call, one.call) for one in site.function.scope.calls):
            return True
        for name, value in (*call.keywords, *[("", a) for a in call.args[:1]]):
            text = getattr(value, "text", None)
            if (name in ("block", "blocking", "") and text == "False") or (name == "timeout" and text in ("0", "0.0")):
                return True
    if known.family in ("archive", "file", "dataframe", "media") and any(
        _is_in_memory(types.type_of(value, site)) for value in (*call.args, *[v for _, v in call.keywords])
    ):
        return True
    return known.family == "archive" and _of_memory(types, call, site)


def _asks_first(call: Call, other: Call) -> bool:
    """`if not queue.empty(): queue.get()`, `if future.done(): future.result()`."""
    return (
        isinstance(call.func, Attr)
        and isinstance(other.func, Attr)
        and other.func.attr in ("empty", "done", "qsize")
        and other.func.value == call.func.value
    )


def _of_memory(types: Inference, call: Call, site: Site) -> bool:
    """Whether the archive a method is called on was made of bytes in memory, as far as one function shows."""
    if not isinstance(call.func, Attr) or site.function is None:
        return False
    return any(
        isinstance(one, Call) and any(_is_in_memory(types.type_of(a, site)) for a in one.args)
        for binding in site.function.scope.bindings
        if binding.name == getattr(call.func.value, "id", None)
        for one in (binding.value,)
    )


def _is_in_memory(one: Type) -> bool:
    if isinstance(one, Instance):
        return one.cls in _IN_MEMORY
    return isinstance(one, Foreign) and one.path.removesuffix("()") in _IN_MEMORY


def _site(function: FunctionSymbol, call: CallSite) -> Site:
    return Site(function.file, function.facts, None, call.block, call.pos.line, call.pos.column)


def _leads_away(types: Inference, reached: tuple[Target, ...]) -> bool:
    """Whether a call has another thread do the work, or makes a response that will."""
    return any(target.name in OFFLOADERS or is_stream(types, target.name) for target in reached)


def _runs_here(
    types: Inference, caller: FunctionSymbol, call: CallSite, callee: FunctionSymbol, away: tuple[CallSite, ...]
) -> bool:
    """Whether the body of a function runs when, or because, it is called here."""
    facts = callee.facts
    names = [n for n in _decorators(types, callee) if n]
    if (any(n in _CACHES for n in names) and len(facts.params) <= bool(facts.owner)) or _keeps_its_result(facts):
        return False
    if facts.is_async and not facts.is_generator:
        return call.awaited or (caller.facts.is_async and call.used != "statement")
    if not facts.is_generator or any(n in _CONTEXTS for n in names):
        return True
    if any(call.call in outer.call.args for outer in away):
        return False
    return facts.is_async or _is_iterated(types, caller, call)


def _keeps_its_result(facts: Function) -> bool:
    """Whether a function gives what a global variable holds, made when it is first called."""
    kept = {one.name for one in facts.scope.bindings if one.how == "global"}
    return bool(kept) and any(isinstance(value, Name) and value.id in kept for value, _, _ in facts.returned)


def _is_iterated(types: Inference, caller: FunctionSymbol, call: CallSite) -> bool:
    scope = caller.facts.scope
    if any(one.how == "for" and one.value == call.call for one in scope.bindings):
        return True
    return any(
        call.call in outer.call.args and types.qualname(outer.call.func, _site(caller, outer)) in _CONSUMERS
        for outer in scope.calls
    )


def _decorators(types: Inference, function: FunctionSymbol) -> Iterator[str | None]:
    site = types.definition_site(function.facts, function.file)
    for one in function.facts.decorators:
        plain: Expr = one.func if isinstance(one, Call) else one
        yield types.qualname(plain, site)
