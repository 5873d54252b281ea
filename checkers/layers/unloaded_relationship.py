"""An answer with a relationship that no query on the way loads: with an `AsyncSession` it cannot be read any more.

## Why
FastAPI reads the fields of the response model from the row. One that is a relationship and was not loaded sends a
query then, behind the function, where nothing can be awaited: `MissingGreenlet: greenlet_spawn has not been called`,
and the client gets a 500. It goes well as long as the object happens to be new, or to have been loaded before.

## Example
```python
class UserRead(BaseModel):
    id: int
    rooms: list[RoomRead]


@router.get("/users/{user_id}", response_model=UserRead)
async def read_user(user_id: int, db: Db):
    return await db.get(User, user_id)  # rooms are not loaded
```

## What to do
Load it with the query: `select(User).options(selectinload(User.rooms))`, `db.get(User, user_id, options=[...])`; or
give the relationship `lazy="selectin"`.

## Limits
Routes whose response model is known, that certainly return a mapped object, or a list of such, and that get to an
`AsyncSession`; nothing is said where anything on the way (five calls deep) loads relationships, refreshes or touches
that attribute, or where the relationship has a `lazy` of its own.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.handlers.answers import returns, schema, stored
from trueup.handlers.routes import holds_routes, route_at, routings, said
from trueup.index.facts import Attr, Name
from trueup.index.project import FunctionSymbol
from trueup.infer.reach import targets
from trueup.libraries.pydantic.inherited import fields_of
from trueup.libraries.sqlalchemy.relationships import relationship_of
from trueup.libraries.sqlalchemy.transactions import LIBRARIES
from trueup.model import Hit, Place, Safety, Severity
from trueup.registry import rule

_LOADS = frozenset(
    "selectinload joinedload subqueryload immediateload contains_eager options refresh run_sync awaitable_attrs "
    "undefer defaultload set_committed_value unique".split()
)
_ASYNC = "sqlalchemy.ext.asyncio."
_DEPTH = 5


@rule(
    "TUL113",
    "unloaded-relationship",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.WARNING,
    fix=Safety.MANUAL,
    libraries=LIBRARIES,
    where=holds_routes,
    url="https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#preventing-implicit-io-when-using-asyncsession",
    effort=5,
)
def check(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    route = route_at(node, file)
    if route is None:
        return
    given = next((one for _, r in routings(node, file) if (one := said(r, "response_model")) is not None), node.returns)
    model = schema(file.annotation(given), file) if given is not None else None
    symbol = file.project.klass(model[0]) if model is not None else None
    if symbol is None:
        return
    rows = [
        (one, found) for one in returns(node, file) if one.value and (found := stored(file.type_of(one.value), file))
    ]
    if not rows:
        return
    names = list(fields_of(file.types, symbol).by_name)
    for answer, (row, _) in rows:
        for name in names:
            related = relationship_of(file.types, row, name)
            if related is None or "lazy" in related.keywords or not _only_reads(route, name, file):
                continue
            yield Hit(
                answer,
                f"`{symbol.facts.name}` has `{name}`, a relationship of `{row.rpartition('.')[2]}` that nothing here "
                f"loads: with an `AsyncSession` reading it then raises `MissingGreenlet`; load it with "
                f"`selectinload({row.rpartition('.')[2]}.{name})`",
                related=(Place(symbol.file.path, symbol.facts.pos.line, symbol.facts.pos.column + 1, "the answer"),),
            )
            return


def _only_reads(route: FunctionSymbol, name: str, file: File) -> bool:
    """Whether a route gets to an `AsyncSession` and nothing on its way loads relationships."""
    found = False
    seen: list[str] = []
    waiting = [(route, 0)]
    while waiting:
        function, depth = waiting.pop(0)
        if function.qualname in seen:
            continue
        seen.append(function.qualname)
        if any(part in _LOADS or part == name for part in _touched(function)):
            return False
        for _, reached in targets(file.types, function):
            for target in reached:
                found = found or target.name.startswith(_ASYNC)
                own = target.function
                if own is not None and own.file.path in file.project.files and depth < _DEPTH:
                    waiting.append((own, depth + 1))
    return found


def _touched(function: FunctionSymbol) -> Iterator[str]:
    """The names that the calls of a function are written with, and the attributes that its file reads."""
    for one in function.facts.scope.calls:
        func = one.call.func
        yield func.attr if isinstance(func, Attr) else func.id if isinstance(func, Name) else ""
        yield from (key for key, _ in one.call.keywords if key == "options")
