"""A `commit()` inside a repository, which ends a transaction that is not the repository's to end.

## Why
A repository reads and writes; which writes belong together is known where it is called. A method that commits by
itself splits that unit of work: when a later step fails, the earlier one stays in the database, and two methods can
no longer be used in one transaction. Inside `with session.begin()` such a commit breaks the next statement.

## Example
```python
class UserRepository:
    def create(self, user: User) -> User:
        self.session.add(user)
        self.session.commit()
        return user
```
Use instead, with the commit in the service that calls it:
```python
class UserRepository:
    def create(self, user: User) -> User:
        self.session.add(user)
        self.session.flush()
        return user
```

## Fix safety
The fix turns `commit()` into `flush()` and puts the commit behind the call in each caller, all of them in one step or
none. It is safe where the caller does nothing after the call: the commit only moves. Where the caller goes on, a
failure there from now on rolls the write back too, which is the point, and the fix is unsafe. `flush()` raises the
same errors as `commit()` but for deferred constraints. There is no fix where the commit stands in a branch, a loop or
a `try`, where the method rolls back or opens its session itself, where more follows than a `refresh`, or where a
caller is not known, calls in a branch, or is a test, a task, a script or another repository; the finding says which.

## Limits
A function is a repository's by the name of its class or module (`UserRepository`, `crud/`, `repositories/`), or as
`[tool.trueup.layers]` says. A session whose type is not known is not reported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from trueup.config import Config
from trueup.file import File
from trueup.index.facts import Attr, CallSite, Const, FileFacts, Function, Name
from trueup.index.project import FunctionSymbol
from trueup.infer import Inference, Site
from trueup.layers import REPOSITORY, ROUTER, SERVICE, layer_of
from trueup.libraries.sqlalchemy.transactions import self_name, session_methods, session_of, session_there
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Callee, ClassObject, Foreign, Instance, ModuleObject

_COMMITS = session_methods("commit")
_AFTERWARDS = frozenset({"refresh", "expunge", "expunge_all", "debug", "info", "warning", "error", "exception"})
"""What may follow the commit in a repository's method: it means the same behind a flush."""


@dataclass(frozen=True, slots=True)
class Move:
    """Where a caller gets the commit: `session` is the session's expression there, `refresh` whether to reload."""

    session: str
    awaited: bool
    refresh: bool
    returned: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to become of one repository method's commit."""

    method: FunctionSymbol
    safety: Safety
    why: str
    moves: tuple[tuple[str, int, int, Move], ...] = ()
    """(path, line, column) of each call that gets a commit behind it."""


def _concerned(facts: FileFacts, types: Inference, config: Config) -> bool:
    """Whether a file holds a commit, or a call that is to get one."""
    return facts.path in _plans(types, config).paths


@rule(
    "TUT101",
    "commit-in-repository",
    on=ast.Call,
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=("sqlalchemy", "sqlmodel", "flask_sqlalchemy"),
    where=_concerned,
    url="https://docs.sqlalchemy.org/en/20/orm/session_basics.html#when-do-i-construct-a-session-when-do-i-commit-it-and-when-do-i-close-it",
    effort=5,
    step="transactions",
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    if isinstance(node.func, ast.Attribute) and node.func.attr == "commit":
        yield from _commit(node, node.func, file)
    plans = _plans(file.types, file.config)
    at = plans.calls.get((file.path, node.lineno, node.col_offset))
    if at is not None:
        plan, move = at
        name = _spoken(plan.method)
        yield Hit(
            node,
            f"the commit of `{name}` belongs here, where the unit of work ends: commit behind this call",
            clue=move,
            safety=plan.safety,
            why=plan.why,
            group=f"TUT101 {plan.method.qualname}",
            members=1 + len(plan.moves),
        )


def _commit(node: ast.Call, function: ast.Attribute, file: File) -> Iterator[Hit]:
    facts = file.function_at(node)
    if facts is None or not _is_commit(file.type_of(function)):
        return
    method = file.function_symbol(facts)
    if layer_of(file.types, method, file.config) != REPOSITORY:
        return
    plan = _plans(file.types, file.config).methods.get(method.qualname)
    safety, why = (plan.safety, plan.why) if plan is not None else (Safety.MANUAL, "")
    yield Hit(
        node,
        f"`{_spoken(method)}` commits inside the repository, so its caller cannot make it part of a larger unit of "
        "work: flush here, and commit where the unit of work ends",
        safety=safety,
        why=why,
        group=f"TUT101 {method.qualname}" if plan is not None and plan.moves else "",
        members=1 + len(plan.moves) if plan is not None else 0,
    )


def _is_commit(one: object) -> bool:
    return isinstance(one, Callee) and one.qualname in _COMMITS


def _spoken(method: FunctionSymbol) -> str:
    return method.facts.qualname


# The plan -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Plans:
    """The plans of a project."""

    methods: dict[str, Plan]
    """By the qualified name of the repository's method."""
    calls: dict[tuple[str, int, int], tuple[Plan, Move]]
    """By the place of a call that gets a commit."""
    paths: frozenset[str]
    """The files that hold either."""


def _plans(types: Inference, config: Config) -> Plans:
    return types.once(("commit-in-repository", config.origin), lambda: _make_plans(types, config))


def _make_plans(types: Inference, config: Config) -> Plans:
    commits: dict[str, list[CallSite]] = {}
    methods: dict[str, FunctionSymbol] = {}
    for site, one in types.calls_named("commit"):
        if site.function is None or not _is_commit(types.type_of(one.call.func, site)):
            continue
        name = f"{site.file.module}.{site.function.qualname}"
        commits.setdefault(name, []).append(one)
        methods[name] = FunctionSymbol(name, site.file, site.function, (site.function,))
    repositories = {n: m for n, m in methods.items() if layer_of(types, m, config) == REPOSITORY}
    plans: dict[str, Plan] = {}
    for name, method in repositories.items():
        why = _own_obstacle(method, commits[name])
        plans[name] = Plan(method, Safety.MANUAL, why) if why else _plan(types, config, method, commits, repositories)
    calls = {(p, line, column): (plan, move) for plan in plans.values() for p, line, column, move in plan.moves}
    paths = {plan.method.file.path for plan in plans.values()} | {path for path, _, _ in calls}
    return Plans(plans, calls, frozenset(paths))


def _own_obstacle(method: FunctionSymbol, commits: list[CallSite]) -> str:
    """What in the method itself stands against moving its commit."""
    facts = method.facts
    if len(commits) > 1:
        return "it commits more than once"
    [commit] = commits
    if commit.block != 0 or facts.is_generator or facts.parent:
        return "the commit stands in a branch, a loop, a `try` or a nested function"
    session = session_of(commit)
    if isinstance(session, Name):
        if not any(p.name == session.id for p in facts.params):
            return "it opens its session itself"
    elif not (isinstance(session, Attr) and isinstance(session.value, Name) and session.value.id == self_name(facts)):
        return "its session is neither a parameter nor an attribute of its object"
    for one in facts.scope.calls:
        func = one.call.func
        name = func.attr if isinstance(func, Attr) else ""
        if name == "rollback":
            return "it rolls back"
        after = (one.pos.line, one.pos.column) > (commit.pos.end_line, commit.pos.end_column)
        if after and name not in _AFTERWARDS:
            return f"more follows behind the commit (line {one.pos.line})"
    return ""


def _plan(
    types: Inference,
    config: Config,
    method: FunctionSymbol,
    commits: dict[str, list[CallSite]],
    repositories: dict[str, FunctionSymbol],
) -> Plan:
    """Move the commit to the method's callers, or say why not."""

    def refuse(why: str) -> Plan:
        return Plan(method, Safety.MANUAL, why)

    [commit] = commits[method.qualname]
    if types.is_passed(method.facts.name):
        return refuse(f"`{method.facts.name}` is handed on as a value somewhere")
    for site, one in types.calls_named("getattr"):
        if len(one.call.args) > 1 and one.call.args[1] == Const("str", method.facts.name):
            return refuse(f"{site.file.path}:{one.pos.line} gets `{method.facts.name}` with `getattr`")
    moves: list[tuple[str, int, int, Move]] = []
    safety, why = Safety.SAFE, ""
    callers = 0
    for site, one in types.calls_named(method.facts.name):
        callee = types.type_of(one.call.func, site)
        if isinstance(callee, ClassObject | Foreign | Instance | ModuleObject):
            continue
        place = f"{site.file.path}:{one.pos.line}"
        if not isinstance(callee, Callee):
            return refuse(f"what `{method.facts.name}` is called on in {place} is not known")
        if callee.qualname != method.qualname:
            continue
        callers += 1
        found = _move(types, config, method, commit, site, one, commits, repositories)
        if isinstance(found, str):
            return refuse(f"{place}: {found}")
        if found is not None:
            moves.append((site.file.path, one.pos.line, one.pos.column, found))
            assert site.function is not None
            if any(
                (c.pos.line, c.pos.column) > (one.pos.end_line, one.pos.end_column) for c in site.function.scope.calls
            ):
                safety = Safety.UNSAFE
                why = f"{place}: what follows there from now on rolls this write back when it fails"
        else:
            safety, why = Safety.UNSAFE, f"{place}: from now on one commit ends both writes, or neither is kept"
    if not callers:
        return refuse("nothing in the project calls it")
    return Plan(method, safety, why, tuple(moves))


def _move(
    types: Inference,
    config: Config,
    method: FunctionSymbol,
    commit: CallSite,
    site: Site,
    call: CallSite,
    commits: dict[str, list[CallSite]],
    repositories: dict[str, FunctionSymbol],
) -> Move | str | None:
    """What one caller gets; None where it commits later anyway; a text where the commit cannot go there."""
    caller = site.function
    if caller is None:
        return "it is called at module level"
    name = f"{site.file.module}.{caller.qualname}"
    layer = layer_of(types, FunctionSymbol(name, site.file, caller, (caller,)), config)
    if layer not in (SERVICE, ROUTER):
        return f"a {layer} calls it" if layer != "other" else "the layer of its caller is not known"
    if call.block != 0 or call.used == "value" or caller.is_generator:
        return "the call stands in a branch, a loop, a `try` or an expression"
    if commit.awaited and not (caller.is_async and call.awaited):
        return "the call is not awaited where it stands"
    later = [c for c in commits.get(name, []) if (c.pos.line, c.pos.column) > (call.pos.line, call.pos.column)]
    if later:
        return None if any(c.block == 0 for c in later) else "the caller commits in a branch"
    others = 0
    for one in caller.scope.calls:
        target = types.type_of(one.call.func, Site(site.file, caller, None, one.block, one.pos.line, one.pos.column))
        others += isinstance(target, Callee) and target.qualname in repositories
    if others > 1:
        return "its caller calls several methods that commit"
    session = session_there(types, method, commit, site, call.call)
    if session is None:
        return "the session is not at hand there"
    refresh = commit.awaited and call.used in ("assigned", "returned") and _reloads_result(method.facts, commit)
    return Move(session, commit.awaited, refresh, call.used == "returned")


def _reloads_result(facts: Function, commit: CallSite) -> bool:
    """Whether the method ends with `refresh(x)` and `return x`."""
    for one in facts.scope.calls:
        func = one.call.func
        if isinstance(func, Attr) and func.attr == "refresh" and func.value == session_of(commit) and one.call.args:
            return [value for value, _, _ in facts.returned] == [one.call.args[0]]
    return False
