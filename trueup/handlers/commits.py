"""How the commits of repositories move to the functions that call them, and what keeps a commit where it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from msgspec import Struct

from ..config import Config
from ..index.facts import Attr, Await, Call, CallSite, Const, Expr, Function, Name
from ..index.project import FunctionSymbol
from ..infer import Inference, Site
from ..infer.flow import chain
from ..layers import REPOSITORY, ROUTER, SCRIPT, SERVICE, TASK, layer_of
from ..libraries.sqlalchemy.handed import dotted
from ..libraries.sqlalchemy.transactions import is_handler, self_name, session_methods, session_of, session_there
from ..model import Safety
from ..types import Callee, ClassObject, Foreign, Instance, ModuleObject

_COMMITS = session_methods("commit")
_AFTERWARDS = frozenset({"refresh", "expunge", "expunge_all", "debug", "info", "warning", "error", "exception"})
"""What may follow the commit in a repository's method: it means the same behind a flush."""
_MADE_OF_ROWS = frozenset({"model_validate", "from_orm", "parse_obj"})
"""What makes a schema of a row; it may follow too, but then reads what the database has not given back."""
_BEGINS = frozenset({"begin", "begin_nested"})
_BY_HAND = frozenset({TASK, SCRIPT})
"""Callers that are no services, but end units of work as well as these."""


class Move(Struct, frozen=True):
    """Where a caller gets the commit."""

    session: str
    """The session's expression there."""
    awaited: bool
    reload: bool
    """What the call returns is to be refreshed behind the commit."""
    name: str = ""
    """What the method calls what it returns."""
    within: bool = False
    """The call stands in an expression, in front of which it must first be done."""
    earlier: tuple[str, ...] = ()
    """Names of what earlier calls returned, to be refreshed too."""
    behind_loop: bool = False
    """Behind the loops around the call rather than behind the call."""


@dataclass(slots=True)
class Plan:
    """What is to become of one repository method's commit."""

    method: FunctionSymbol
    safety: Safety = Safety.SAFE
    why: str = ""
    moves: list[tuple[str, int, int, Move]] = field(default_factory=list)
    """(path, line, column) of each call that gets a commit behind it."""
    group: str = ""
    """Of the plans that are made together: their methods are called one after the other somewhere."""
    members: int = 0
    """How many findings the group has."""

    def loosen(self, why: str) -> None:
        """Make it unsafe; the first reason is told."""
        self.safety, self.why = Safety.UNSAFE, self.why or why


class Plans(Struct, frozen=True):
    """The plans of a project."""

    methods: dict[str, Plan]
    """By the qualified name of the repository's method."""
    calls: dict[tuple[str, int, int], tuple[Plan, Move]]
    """By the place of a call that gets a commit."""
    paths: frozenset[str]
    """The files that hold either."""


def plans(types: Inference, config: Config) -> Plans:
    """The plans for all repositories of a project, remembered."""
    return types.once(("handlers.commits", config.origin), lambda: _Planner(types, config).plans())


def is_commit(one: object) -> bool:
    """Whether what is called is the commit of a session."""
    return isinstance(one, Callee) and one.qualname in _COMMITS


class _Use(Struct, frozen=True):
    """One call of a repository's method whose commit is to move."""

    method: str
    commit: CallSite
    site: Site
    call: CallSite
    session: str
    reloads: bool
    layer: str

    @property
    def place(self) -> str:
        return f"{self.site.file.path}:{self.call.pos.line}"

    @property
    def begin(self) -> tuple[int, int]:
        return self.call.pos.line, self.call.pos.column

    @property
    def end(self) -> tuple[int, int]:
        return self.call.pos.end_line, self.call.pos.end_column


class _Planner:
    """Makes the plans of one project."""

    def __init__(self, types: Inference, config: Config) -> None:
        self.types = types
        self.config = config
        self.commits: dict[str, list[CallSite]] = {}
        """Function -> its commits."""
        self.found: dict[str, Plan] = {}
        self.uses: dict[str, list[_Use]] = {}
        """Repository method -> its calls."""

    def plans(self) -> Plans:
        """All of them."""
        methods: dict[str, FunctionSymbol] = {}
        for site, one in self.types.calls_named("commit"):
            if site.function is not None and is_commit(self.types.type_of(one.call.func, site)):
                name = f"{site.file.module}.{site.function.qualname}"
                self.commits.setdefault(name, []).append(one)
                methods[name] = FunctionSymbol(name, site.file, site.function, (site.function,))
        for name, method in methods.items():
            if layer_of(self.types, method, self.config) == REPOSITORY:
                plan = self.found[name] = Plan(method)
                why = self._own_obstacle(plan) or self._calls(name, plan)
                if why:
                    plan.safety, plan.why = Safety.MANUAL, why
        self._arrange()
        calls = {(p, line, col): (plan, move) for plan in self.found.values() for p, line, col, move in plan.moves}
        paths = {plan.method.file.path for plan in self.found.values()} | {path for path, _, _ in calls}
        return Plans(self.found, calls, frozenset(paths))

    # The method

    def _own_obstacle(self, plan: Plan) -> str:
        """What in the method itself stands against moving its commit."""
        facts = plan.method.facts
        commits = self.commits[plan.method.qualname]
        if len(commits) > 1:
            return f"it commits more than once ({_lines(commits)})"
        [commit] = commits
        if commit.block != 0 or facts.is_generator or facts.parent:
            where = f"line {commit.pos.line}"
            return f"the commit stands in a branch, a loop, a `with`, a `try` or a nested function ({where})"
        session = session_of(commit)
        if isinstance(session, Name):
            if not any(p.name == session.id for p in facts.params):
                return "it opens its session itself"
        elif not (isinstance(session, Attr) and session.value == Name(self_name(facts))):
            return "its session is neither a parameter nor an attribute of its object"
        for one in facts.scope.calls:
            func = one.call.func
            name = func.attr if isinstance(func, Attr) else ""
            if name == "rollback":
                return f"it rolls back (line {one.pos.line})"
            after = (one.pos.line, one.pos.column) > (commit.pos.end_line, commit.pos.end_column)
            if after and name in _MADE_OF_ROWS:
                plan.loosen("what it returns is made before the commit, of what the database has not given back")
            elif after and name not in _AFTERWARDS:
                return f"more follows behind the commit (line {one.pos.line})"
        return ""

    # Its callers

    def _calls(self, name: str, plan: Plan) -> str:
        """Note all calls of a method; what stands against moving its commit there."""
        types, facts = self.types, plan.method.facts
        if types.is_passed(facts.name):
            return f"`{facts.name}` is handed on as a value somewhere"
        for site, one in types.calls_named("getattr"):
            if len(one.call.args) > 1 and one.call.args[1] == Const("str", facts.name):
                return f"{site.file.path}:{one.pos.line} gets `{facts.name}` with `getattr`"
        found: list[_Use] = []
        for site, one in types.calls_named(facts.name):
            callee = types.type_of(one.call.func, site)
            if isinstance(callee, ClassObject | Foreign | Instance | ModuleObject):
                continue
            place = f"{site.file.path}:{one.pos.line}"
            if not isinstance(callee, Callee):
                return f"what `{facts.name}` is called on in {place} is not known"
            if callee.qualname != name:
                if self._stands_for(callee, plan.method):
                    return f"{place} calls it by `{callee.qualname.rpartition('.')[0].rpartition('.')[2]}`"
                continue
            use = self._use(plan, site, one)
            if isinstance(use, str):
                return f"{place}: {use}"
            found.append(use)
        self.uses[name] = found
        return "" if found else "nothing in the project calls it"

    def _stands_for(self, callee: Callee, method: FunctionSymbol) -> bool:
        """Whether a call of another method may be one of this: that of a class it inherits from."""
        base = callee.qualname.rpartition(".")[0]
        owner = f"{method.file.module}.{method.facts.owner}"
        if not method.facts.owner or base == owner or self.types.project.klass(base) is None:
            return False
        return self.types.is_subclass(owner, base) is not False

    def _use(self, plan: Plan, site: Site, call: CallSite) -> _Use | str:
        """A call that can get the commit, or why it cannot."""
        [commit] = self.commits[plan.method.qualname]
        caller = site.function
        if caller is None:
            return "it is called at module level"
        symbol = FunctionSymbol(f"{site.file.module}.{caller.qualname}", site.file, caller, (caller,))
        layer = layer_of(self.types, symbol, self.config)
        if layer in _BY_HAND:
            plan.loosen(f"{site.file.path}:{call.pos.line}: a {layer} calls it, and gets a commit of its own")
        elif layer not in (SERVICE, ROUTER):
            return f"a {layer} calls it" if layer != "other" else "the layer of its caller is not known"
        if caller.is_generator:
            return "its caller yields"
        if call.used == "value" and not _comes_first(caller, call):
            return "the call stands in an expression"
        if commit.awaited and not (caller.is_async and call.awaited):
            return "the call is not awaited where it stands"
        for one in caller.scope.calls:
            if isinstance(one.call.func, Attr) and one.call.func.attr in _BEGINS:
                return f"its caller opens the transaction itself (line {one.pos.line})"
        session = session_there(self.types, plan.method, commit, site, call.call)
        if session is None:
            return "the session is not at hand there"
        reloads = call.used != "statement" and _reloads_result(plan.method.facts, commit)
        if reloads and call.used == "assigned" and _target(caller, call) is None:
            return "what the call returns is not kept under a plain name"
        return _Use(plan.method.qualname, commit, site, call, session, reloads, layer)

    # Where the commits go

    def _arrange(self) -> None:
        """Put the commits of all that can move where they go, and name the groups."""
        together = {name: name for name, plan in self.found.items() if plan.safety is not Safety.MANUAL}

        def head(name: str) -> str:
            while together[name] != name:
                name = together[name]
            return name

        callers: dict[tuple[str, str, str], list[_Use]] = {}
        for name in together:
            for use in self.uses[name]:
                assert use.site.function is not None
                if self.config.choice("transaction-owner") == "dependency" and use.layer not in _BY_HAND:
                    self.found[name].loosen("the dependency that gives the session is to commit (`transaction-owner`)")
                    continue
                callers.setdefault((use.site.file.path, use.site.function.qualname, use.session), []).append(use)
        for uses in callers.values():
            ordered = sorted(uses, key=lambda use: use.begin)
            self._arrange_in(ordered)
            for first, second in pairwise(ordered):
                together[head(first.method)] = head(second.method)
        groups: dict[str, list[Plan]] = {}
        for name in sorted(together):
            groups.setdefault(head(name), []).append(self.found[name])
        for group in groups.values():
            members = len(group) + sum(len(plan.moves) for plan in group)
            loose = next((plan for plan in group if plan.safety is Safety.UNSAFE), None)
            for plan in group:
                plan.group, plan.members = f"TUT101 {group[0].method.qualname}", members
                if loose is not None:
                    plan.loosen(loose.why)

    def _arrange_in(self, uses: Sequence[_Use]) -> None:
        """Put the commits of one caller and session behind the last of its calls, or each behind its own."""
        caller = uses[0].site.function
        assert caller is not None
        commits = self.commits.get(f"{uses[0].site.file.module}.{caller.qualname}", [])
        own = [one for one in commits if one.block == 0 and dotted(session_of(one)) == uses[0].session]
        # What rolls back after an error is to lose no more than it did
        apart = any(isinstance(one.call.func, Attr) and one.call.func.attr == "rollback" for one in caller.scope.calls)
        left: list[_Use] = []
        for use in uses:
            later = [one for one in own if (one.pos.line, one.pos.column) > use.end]
            if later and not apart and not _returns(caller, use.end, (later[0].pos.line, later[0].pos.column)):
                line = later[0].pos.line
                why = f"{use.place}: from now on the commit in line {line} ends both writes, or neither is kept"
                self.found[use.method].loosen(why)
            else:
                left.append(use)
        if not apart and not commits and self._go_together(caller, left):
            *before, last = left
            earlier = dict.fromkeys(name for use in before if use.reloads and (name := _target(caller, use.call)))
            names = tuple(name for name in earlier if name != _target(caller, last.call))
            self._move(last, names, behind_loop=last.call.block != 0)
            where = f"{left[0].place} to {last.call.pos.line}" if len(left) > 1 else f"the loop around {last.place}"
            for use in left:
                self.found[use.method].loosen(f"{where}: from now on one commit ends all writes, or none is kept")
        else:
            for use in left:
                self._move(use)

    def _go_together(self, caller: Function, uses: Sequence[_Use]) -> bool:
        """Whether one commit behind the last of some calls ends the work of all: each pass that writes gets there."""
        if not uses or (len(uses) == 1 and uses[0].call.block == 0):
            return False
        places = []
        for use in uses:
            places.append(use.begin)
            if use.call.block == 0:
                continue
            blocks = caller.scope.blocks
            *inside, loop, _ = chain(blocks, use.call.block)
            counts = any(one.how in ("for", "async-for") and one.block == loop for one in caller.scope.bindings)
            # A round that is tried is a unit of work of its own: the others go on when it fails
            tried = any(blocks[one].kind not in ("branch", "loop") or is_handler(blocks, one) for one in inside)
            if not counts or tried:
                return False
            if use.reloads:
                return False
            pos = blocks[loop].pos
            places += [(pos.line, pos.column - 1), (pos.end_line, pos.end_column)]
        last = uses[-1]
        is_given_back = last.call.used == "returned" or any(
            _begins_with(one, last.call) for one, _, _ in caller.returned
        )
        own = last.call if is_given_back else None
        return not _returns(caller, min(places), max(places), but=own)

    def _move(self, use: _Use, earlier: tuple[str, ...] = (), *, behind_loop: bool = False) -> None:
        call = use.call
        returned = list(dict.fromkeys(value for value, _, _ in self.found[use.method].method.facts.returned))
        name = returned[0].id if len(returned) == 1 and isinstance(returned[0], Name) else ""
        within = call.used == "value"
        move = Move(use.session, use.commit.awaited, use.reloads, name, within, earlier, behind_loop)
        self.found[use.method].moves.append((use.site.file.path, call.pos.line, call.pos.column, move))


def _returns(caller: Function, start: tuple[int, int], end: tuple[int, int], but: CallSite | None = None) -> bool:
    """Whether a function may return between two places; `but`: a call that one of its `return`s gives back."""
    places = [(line, column) for _, line, column in caller.returned if start < (line, column) < end]
    if but is not None:
        own = [place for place in places if place < (but.pos.line, but.pos.column)]
        places = [place for place in places if not own or place != own[-1]]
    return bool(places)


def _target(caller: Function, call: CallSite) -> str | None:
    """The plain name that what a call returns is kept under."""
    kept = (call.call, Await(call.call))
    return next(
        (
            one.name
            for one in caller.scope.bindings
            if one.how in ("assign", "annotate") and not one.unpack and one.value in kept
            if (one.line, one.column) >= (call.pos.end_line, call.pos.end_column)  # where its statement ends
        ),
        None,
    )


def _comes_first(caller: Function, call: CallSite) -> bool:
    """Whether a call is the first thing that is done for what is returned, or kept under a name."""
    kept = (one.value for one in caller.scope.bindings if one.how in ("assign", "annotate") and one.value is not None)
    return any(_begins_with(one, call) for one in (*(value for value, _, _ in caller.returned), *kept))


def _begins_with(expr: Expr, call: CallSite) -> bool:
    """Whether evaluating an expression begins with a call: `Read.model_validate(create())`, `create().id`."""
    if expr == call.call:
        return True
    if isinstance(expr, Await | Attr):
        return _begins_with(expr.value, call)
    if not isinstance(expr, Call):
        return False
    if isinstance(expr.func, Attr) and _begins_with(expr.func.value, call):
        return True
    given = [*expr.args, *(value for _, value in expr.keywords)]
    return bool(given and dotted(expr.func)) and _begins_with(given[0], call)


def _reloads_result(facts: Function, commit: CallSite) -> bool:
    """Whether the method goes on with `refresh(x)` and `return x`."""
    for one in facts.scope.calls:
        func = one.call.func
        if (one.pos.line, one.pos.column) < (commit.pos.end_line, commit.pos.end_column):
            continue
        if isinstance(func, Attr) and func.attr == "refresh" and func.value == session_of(commit) and one.call.args:
            return [value for value, _, _ in facts.returned] == [one.call.args[0]]
    return False


def _lines(calls: Sequence[CallSite]) -> str:
    return f"lines {', '.join(str(one.pos.line) for one in calls)}"
