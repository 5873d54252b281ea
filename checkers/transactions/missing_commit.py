"""A route that writes to the database and never commits, so that everything is rolled back when its session is closed.

## Why
A session that is closed without `commit()` takes back what was written. The client is told that all went well, with
an id even, since `flush()` gave one; nothing of it is there afterwards.

## Example
```python
def get_db() -> Iterator[Session]:
    with SessionLocal() as session:
        yield session


@router.post("/users")
def create_user(data: UserIn, db: Session = Depends(get_db)) -> int:
    user = User(**data.model_dump())
    db.add(user)
    db.flush()
    return user.id  # of a user that nobody will find
```

## What to do
Where the unit of work ends is a person's to say: behind the write may be too early.
Commit where the unit of work ends: in the service, or in the route behind the last write.

## Limits
Reported only where all is seen: a session that a dependency of the project makes and only closes, and no call on the
way that is called `commit` or `begin`, or that hands the session to something unknown. Writes are `add`, `add_all`,
`delete` and `merge`; what only sets attributes is missed. Silent in a project that sets `autocommit` or
`isolation_level` anywhere.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.handlers.routes import holds_routes, route_at
from trueup.index.facts import Attr, CallSite, Name
from trueup.index.project import FunctionSymbol
from trueup.infer import Inference, Site
from trueup.infer.reach import targets
from trueup.libraries.dependencies import provider
from trueup.libraries.sqlalchemy.sessions import is_session_class
from trueup.libraries.sqlalchemy.transactions import LIBRARIES, runs_here, session_methods
from trueup.model import Hit, Place, Safety, Severity
from trueup.registry import rule
from trueup.types import Instance

_WRITES = session_methods("add", "add_all", "delete", "merge")
_ENDS = frozenset({"commit", "begin", "begin_nested", "run_sync", "close", "rollback", "expunge", "expunge_all"})
_MOST = 200
"""So many functions are looked at from one route; beyond that it is left alone."""


@rule(
    "TUT108",
    "missing-commit",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    libraries=LIBRARIES,
    where=holds_routes,
    url="https://docs.sqlalchemy.org/en/20/orm/session_basics.html#committing",
    effort=5,
)
def check(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    route = route_at(node, file)
    if route is None:
        return
    facts = route.facts
    sessions = [p for p in facts.params if _is_session(file.types, file.types.param_type(p, facts, file.facts))]
    if len(sessions) != 1:
        return
    given = provider(file.types, sessions[0], route)
    maker = file.project.function(given) if given is not None else None
    if maker is None or not _only_closes(file.types, maker) or file.types.shared(_commits_by_itself):
        return
    others = [provider(file.types, p, route) for p in facts.params if p is not sessions[0]]
    found = _write(file.types, [route, *[f for n in others if n and (f := file.project.function(n)) is not None]])
    if found is None:
        return
    place = Place(found[0].file.path, found[1].pos.line, found[1].pos.column + 1, "writes here")
    where = f"line {place.line}" if place.path == file.path else f"{place.path}:{place.line}"
    yield Hit(
        node,
        f"`{node.name}` writes to the database ({where}) and nothing on its way commits: `{maker.facts.name}` only "
        f"closes the session, which rolls it all back; call `{sessions[0].name}.commit()` behind the last write",
        related=(place,),
        span=file.header(node),
    )


def _is_session(types: Inference, one: object) -> bool:
    return isinstance(one, Instance) and is_session_class(types, one.cls)


def _only_closes(types: Inference, maker: FunctionSymbol) -> bool:
    """Whether a dependency makes a session, yields it and does no more with it than close it."""
    facts = maker.facts
    if not facts.is_generator or maker.file.path not in types.project.files or facts.decorators:
        return False
    made = False
    for call, reached in targets(types, maker):
        name = call.call.func.attr if isinstance(call.call.func, Attr) else ""
        if name in ("close", "rollback", "remove"):
            continue
        site = Site(maker.file, facts, None, call.block, call.pos.line, call.pos.column)
        if not reached or call.call.args or not _is_session(types, types.type_of(call.call, site)):
            return False
        made = True
    return made


def _commits_by_itself(types: Inference) -> bool:
    """Whether some engine or session of the project is told to commit by itself, or an event to do so."""
    for file in types.project.files.values():
        for _, one in types.call_sites(file):
            for key, _ in one.call.keywords:
                if key in ("autocommit", "isolation_level"):
                    return True
    return False


def _write(types: Inference, starts: list[FunctionSymbol]) -> tuple[FunctionSymbol, CallSite] | None:
    """The first write that some functions get to, if nothing they get to may commit."""
    found: tuple[FunctionSymbol, CallSite] | None = None
    seen: list[str] = []
    waiting = list(starts)
    while waiting:
        function = waiting.pop(0)
        if function.qualname in seen:
            continue
        seen.append(function.qualname)
        if len(seen) > _MOST or function.file.path not in types.project.files:
            return None
        for call, reached in targets(types, function):
            func = call.call.func
            name = func.attr if isinstance(func, Attr) else func.id if isinstance(func, Name) else ""
            if name in _ENDS or not name:
                return None
            own = [t.function for t in reached if t.function is not None and runs_here(t, call)]
            if any(target.name in _WRITES for target in reached):
                found = found or (function, call)
            elif not own and _hands_on(types, function, call):
                return None
            waiting += own
    return found


def _hands_on(types: Inference, function: FunctionSymbol, call: CallSite) -> bool:
    """Whether a call that is not followed gets a session, or is one on something that is not known."""
    site = Site(function.file, function.facts, None, call.block, call.pos.line, call.pos.column)
    given = [*call.call.args, *[value for _, value in call.call.keywords]]
    return any(_is_session(types, types.type_of(one, site)) for one in given)
