"""A route that answers with an error its `responses=` does not name, in a project that names them elsewhere.

## Why
Clients that are generated from the OpenAPI know the errors that stand in it. Where some routes name theirs, those of
the others are taken for errors that do not happen.

## Example
```python
@router.get("/users/{user_id}", responses={404: {"model": Problem}})
def read_user(user_id: int) -> UserRead: ...


@router.delete("/users/{user_id}")  # raises 404 too
def delete_user(user_id: int) -> None: ...
```

## Fix safety
The fix adds `404: {"description": "Not Found"}`. It is unsafe: the OpenAPI has the error from then on; a model for
its body is yours to give.

## Limits
`HTTPException`s with a status that is written out, raised in the route itself or in functions of the project that it
calls, three deep, where no `try` is around the call. 422 is always documented, and 500 never. Silent in projects
where less than two routes, and no router, name an error, and where those of the router or application are not a dict
that is written out.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from http import HTTPStatus

from trueup.config import Config
from trueup.file import File
from trueup.handlers.routes import holds_routes, route_at, routings, said, status_of
from trueup.index.facts import Attr, Call, Const, Expr, FileFacts, Mapping, Name
from trueup.index.project import FunctionSymbol, VariableSymbol
from trueup.infer import Inference
from trueup.infer.flow import chain
from trueup.infer.reach import targets
from trueup.libraries.sqlalchemy.transactions import runs_here
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_HTTP = ("starlette.exceptions.HTTPException", "fastapi.HTTPException", "fastapi.exceptions.HTTPException")
_DEPTH = 3
_LEAST = 2


def _concerned(facts: FileFacts, types: Inference, config: Config) -> bool:
    return holds_routes(facts, types, config) and types.shared(_documents)


@rule(
    "TUF112",
    "undocumented-error",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.ADVICE,
    fix=Safety.UNSAFE,
    libraries=("fastapi",),
    where=_concerned,
    url="https://fastapi.tiangolo.com/advanced/additional-responses/",
    effort=3,
)
def check(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    route = route_at(node, file)
    routed = [call for _, call in routings(node, file)]
    if route is None or len(routed) != 1:
        return
    [routing] = routed
    given = said(routing, "responses")
    shown = said(routing, "include_in_schema")
    if any(one.arg is None for one in routing.keywords) or (isinstance(shown, ast.Constant) and shown.value is False):
        return
    known = {422, status_of(said(routing, "status_code")) or 200}
    if given is not None:
        if not isinstance(given, ast.Dict) or any(key is None for key in given.keys):
            return
        own = [status_of(key) for key in given.keys]
        if None in own:
            return
        known |= {one for one in own if one is not None}
    around = _of_router(routing, file)
    if around is None:
        return
    known |= around
    raised = _raised(file.types, route, _DEPTH, [])
    missing = {status: place for status, place in sorted(raised.items()) if status not in known and 400 <= status < 500}
    if not missing:
        return
    what = ", ".join(f"{status} ({place})" for status, place in missing.items())
    yield Hit(
        routing,
        f"`{node.name}` can answer {what}, which its `responses=` does not name",
        clue=tuple((status, _phrase(status)) for status in missing),
        why="The OpenAPI has these errors from then on.",
        span=file.header(node),
    )


def _phrase(status: int) -> str:
    return next((one.phrase for one in HTTPStatus if one.value == status), "Error")


def _of_router(routing: ast.Call, file: File) -> set[int] | None:
    """The errors that the router names for all its routes; None where that is not known."""
    owner = routing.func.value if isinstance(routing.func, ast.Attribute) else None
    if not isinstance(owner, ast.Name):
        return set()
    symbol = file.types.symbol_of(Name(owner.id), file.site(owner))
    made = symbol.bindings[0].value if isinstance(symbol, VariableSymbol) and len(symbol.bindings) == 1 else None
    if not isinstance(made, Call):
        return None
    given = dict(made.keywords)
    if "**" in given:
        return None
    if "responses" not in given:
        return set()
    table = given["responses"]
    if not isinstance(table, Mapping):
        return None
    found = [_status(key) for key in table.keys]
    return None if None in found else {one for one in found if one is not None}


def _raised(types: Inference, function: FunctionSymbol, depth: int, seen: list[str]) -> dict[int, str]:
    """Status -> where it is raised."""
    found: dict[int, str] = {}
    seen.append(function.qualname)
    blocks = function.facts.scope.blocks
    for call, reached in targets(types, function):
        if any(blocks[b].kind == "try" for b in chain(blocks, call.block)):
            continue
        for target in reached:
            if target.name in _HTTP and call.used == "value":
                status = _status(_given(call.call))
                if status is not None:
                    found.setdefault(status, f"{function.file.path}:{call.pos.line}")
            own = target.function
            if own is None or not depth or own.qualname in seen or own.file.path not in types.project.files:
                continue
            if runs_here(target, call):
                for status, place in _raised(types, own, depth - 1, seen).items():
                    found.setdefault(status, place)
    return found


def _given(call: Call) -> Expr | None:
    return call.args[0] if call.args else dict(call.keywords).get("status_code")


def _status(value: Expr | None) -> int | None:
    if isinstance(value, Const) and value.kind == "int":
        return int(value.text)
    name = value.attr if isinstance(value, Attr) else value.id if isinstance(value, Name) else ""
    match = re.match(r"HTTP_(\d{3})_", name)
    return int(match[1]) if match else None


def _documents(types: Inference) -> bool:
    """Whether a router or the application of the project names errors in `responses=`, or several routes do."""
    for name in ("APIRouter", "FastAPI", "include_router"):
        for _, one in types.calls_named(name):
            if _names_errors(one.call):
                return True
    routes = [
        decorator
        for facts in types.project.files.values()
        for function in facts.functions
        for decorator in function.decorators
        if isinstance(decorator, Call) and _names_errors(decorator)
    ]
    return len(routes) >= _LEAST


def _names_errors(call: Call) -> bool:
    table = dict(call.keywords).get("responses")
    keys = table.keys if isinstance(table, Mapping) else ()
    return any((_status(key) or 0) >= 400 for key in keys)
