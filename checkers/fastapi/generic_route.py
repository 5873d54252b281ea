"""A route made with `api_route(methods=["GET"])`, where the router has a method `get` for that.

## Why
`@router.get("/users")` says the same in fewer words, and is what people and tools search for. `app.route`, which is
Starlette's, is something else altogether: such a route gets no parameters, no validation and no place in the OpenAPI.

## Example
```python
@router.api_route("/users", methods=["GET"])
def list_users() -> list[UserRead]: ...
```
Use instead:
```python
@router.get("/users")
def list_users() -> list[UserRead]: ...
```

## Fix safety
The fix of an `api_route` with one method, written out, is safe: it is what `get` and the others do. For `route` there
is none: the function would have to become one of FastAPI's.

## Limits
`route` is reported on FastAPI's applications and routers only; Starlette's have nothing else.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.handlers.routes import holds_routes, routings
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Instance

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE")
_FASTAPI = ("fastapi.FastAPI", "fastapi.APIRouter")


@rule(
    "TUF119",
    "generic-route",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.ADVICE,
    fix=Safety.SAFE,
    libraries=("fastapi",),
    triggers=("api_route", "route"),
    where=holds_routes,
    url="https://fastapi.tiangolo.com/reference/apirouter/",
)
def check(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    for method, routing in routings(node, file):
        owner = file.type_of(routing.func.value) if isinstance(routing.func, ast.Attribute) else None
        if not isinstance(owner, Instance) or owner.cls not in _FASTAPI:
            continue
        if method == "route":
            yield Hit(
                routing,
                "`route` is Starlette's: no parameters, no validation, nothing in the OpenAPI; use `get`, `post`, ...",
                safety=Safety.MANUAL,
            )
        elif method == "api_route":
            given = next((one.value for one in routing.keywords if one.arg == "methods"), None)
            if not isinstance(given, ast.List | ast.Tuple | ast.Set) or len(given.elts) != 1:
                continue
            [one] = given.elts
            if isinstance(one, ast.Constant) and one.value in _METHODS:
                name = str(one.value).lower()
                yield Hit(routing, f"`api_route` with the one method {one.value}: write `{name}`", clue=name)
