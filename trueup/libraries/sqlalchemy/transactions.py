"""Which calls end, begin or fill a transaction of SQLAlchemy's sessions, and which functions get to such a call."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from ...index.facts import Attr, Block, Call, CallSite, Const, Expr, Function, Name
from ...index.project import FunctionSymbol
from ...infer import Inference, Site
from ...infer.flow import chain
from ...infer.reach import Route, Target, routes, targets
from ...types import Callee, Instance, Type, Union

LIBRARIES = ("sqlalchemy", "sqlmodel", "flask_sqlalchemy")
_SESSIONS = (
    "sqlalchemy.orm.Session",
    "sqlalchemy.orm.scoped_session",
    "sqlalchemy.ext.asyncio.AsyncSession",
    "sqlalchemy.ext.asyncio.async_scoped_session",
)
"""SQLModel's sessions, Flask-SQLAlchemy's and a project's own inherit from these."""
MAKERS = frozenset({"sqlalchemy.orm.sessionmaker.begin", "sqlalchemy.ext.asyncio.async_sessionmaker.begin"})
"""What opens a session together with its transaction."""
_DEPTH = 5
_HEADER = 3
"""So many lines may the head of an `except` and what stands above it take."""


@cache
def session_methods(*names: str) -> frozenset[str]:
    """The qualified names of methods of sessions."""
    return frozenset(f"{cls}.{name}" for cls in _SESSIONS for name in names)


def is_method(one: Type, names: frozenset[str]) -> bool:
    """Whether what is called is certainly one of some methods."""
    if isinstance(one, Union):
        return all(is_method(item, names) for item in one.items)
    return isinstance(one, Callee) and one.qualname in names


def runs_here(target: Target, call: CallSite) -> bool:
    """Whether the body of a function of the project runs where it is called: at once, or because it is awaited."""
    if target.function is None:
        return False
    facts = target.function.facts
    return call.awaited or not facts.is_async or facts.is_generator


def ways_to(types: Inference, function: FunctionSymbol, names: frozenset[str]) -> list[Route[bool]]:
    """The calls of some methods that a function gets to, at most five calls away, each by its shortest way."""
    key = ("transactions.ways_to", function.qualname, function.facts.pos.line, names)

    def wanted(target: Target, call: CallSite) -> bool | None:
        return True if target.name in names else None

    return types.once(key, lambda: routes(types, function, wanted, through=runs_here, depth=_DEPTH))


def steps_to(
    types: Inference, function: FunctionSymbol, names: frozenset[str]
) -> list[tuple[CallSite, FunctionSymbol | None]]:
    """The calls in a function's own body that are, or get to, one of some methods; with the function that does."""
    found: list[tuple[CallSite, FunctionSymbol | None]] = []
    for call, reached in targets(types, function):
        for target in reached:
            if target.name in names:
                found.append((call, None))
                break
            if (
                target.function is not None
                and runs_here(target, call)
                and not _is_told_not_to(target.function.facts, call.call)
                and ways_to(types, target.function, names)
            ):
                found.append((call, target.function))
                break
    return found


def _is_told_not_to(facts: Function, call: Call) -> bool:
    """Whether a call of `def add(db, user, commit=True)` says `commit=False`, or leaves it at that."""
    for param in facts.params:
        if "commit" in param.name and dict(call.keywords).get(param.name, param.default) == Const("bool", "False"):
            return True
    return False


def exclude_each_other(blocks: Sequence[Block], first: CallSite, second: CallSite) -> bool:
    """Whether a call that stands before another never runs in the same pass as that.

    They stand in branches of one statement, the first in a branch that leaves, or the second in an `except`.
    """
    before, behind = chain(blocks, first.block), chain(blocks, second.block)
    groups = {blocks[b].group: b for b in before if blocks[b].group >= 0}
    if any(groups.get(blocks[b].group, b) != b for b in behind):
        return True
    if any(blocks[b].leaves and b not in behind for b in before):
        return True
    return any(is_handler(blocks, b) for b in behind if b not in before)


def is_handler(blocks: Sequence[Block], block: int) -> bool:
    """Whether a block is the body of an `except`: a branch right behind a `try` and its other branches."""
    one = blocks[block]
    if one.kind != "branch":
        return False
    while True:
        near = [
            other
            for other in blocks
            if other.parent == one.parent and 0 <= one.pos.line - other.pos.end_line <= _HEADER and other is not one
        ]
        if any(other.kind == "try" for other in near):
            return True
        if not near or near[-1].kind != "branch":
            return False
        one = near[-1]


def session_of(call: CallSite) -> Expr:
    """What a method of a session is called on."""
    func = call.call.func
    assert isinstance(func, Attr)
    return func.value


def self_name(facts: Function) -> str:
    """`self`, where a function is a method."""
    return facts.params[0].name if facts.owner and facts.params else ""


def session_there(types: Inference, method: FunctionSymbol, commit: CallSite, site: Site, call: Call) -> str | None:
    """The expression a caller has the same session by."""
    session = session_of(commit)
    if isinstance(session, Name):
        params = method.facts.params
        index = next(i for i, p in enumerate(params) if p.name == session.id)
        if method.facts.owner and isinstance(call.func, Attr):
            index -= 1
        passed = dict(call.keywords).get(session.id)
        if passed is None and index < len(call.args):
            passed = call.args[index]
        return _text(passed) if passed is not None else None
    func = call.func
    if not isinstance(func, Attr) or not isinstance(session, Attr):
        return None
    own = _own_session(types, func.value, site)
    receiver = _text(func.value)
    return own or (f"{receiver}.{session.attr}" if receiver is not None else None)


def _own_session(types: Inference, repository: Expr, site: Site) -> str | None:
    """`self.db` where the caller's class has `self.db = db` and `self.repo = Repo(db)`."""
    caller = site.function
    if caller is None or not caller.owner or not isinstance(repository, Attr):
        return None
    klass = types.project.klass(f"{site.file.module}.{caller.owner}")
    if klass is None or repository.value != Name(self_name(caller)):
        return None
    made = [f.value for f in klass.facts.attributes if f.name == repository.attr]
    if len(made) != 1 or not isinstance(made[0], Call):
        return None
    given = [*made[0].args, *[v for _, v in made[0].keywords]]
    for field in klass.facts.attributes:
        if isinstance(field.value, Name) and field.value in given:
            kept = types.attribute(Instance(klass.qualname), field.name)
            if isinstance(kept, Instance) and types.member(kept.cls, "commit") is not None:
                return f"{self_name(caller)}.{field.name}"
    return None


def _text(expr: Expr) -> str | None:
    if isinstance(expr, Name):
        return expr.id
    if isinstance(expr, Attr):
        value = _text(expr.value)
        return f"{value}.{expr.attr}" if value is not None else None
    return None
