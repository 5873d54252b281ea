"""A status code as a bare number, where FastAPI has a name for it.

## Why
`status.HTTP_409_CONFLICT` says what is meant to whoever does not know all numbers, is found by searching, and cannot
be mistyped: `status_code=490` is a number like any other.

## Example
```python
@router.post("/users", status_code=201)
def create_user(data: UserIn) -> UserRead:
    raise HTTPException(409, "already there")
```
Use instead:
```python
@router.post("/users", status_code=status.HTTP_201_CREATED)
def create_user(data: UserIn) -> UserRead:
    raise HTTPException(status.HTTP_409_CONFLICT, "already there")
```

## Fix safety
The fix writes the name and imports `status` from `fastapi`, under another name where that one is taken. It is safe:
the names are these numbers.

## Limits
`status_code=` of routes, responses and `HTTPException`, and its first argument. 413, 414, 416 and 422, whose names
are others since Starlette 0.48, stay numbers where the project's version of it is not known. Numbers in `responses=`
and in comparisons are left alone, and so are tests.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.index.extract import expression
from trueup.layers import TEST, layer_of_file
from trueup.libraries.fastapi import route_decorator
from trueup.libraries.statuses import name_of
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import ClassObject

_HTTP = "starlette.exceptions.HTTPException"
_RESPONSE = "starlette.responses.Response"
_FASTAPI = ("fastapi.HTTPException", "fastapi.exceptions.HTTPException", _HTTP)


@rule(
    "TUF103",
    "status-number",
    on=ast.Call,
    severity=Severity.ADVICE,
    fix=Safety.SAFE,
    libraries=("fastapi",),
    triggers=("status_code", "HTTPException"),
    where=lambda facts, types, config: "fastapi" in facts.imported and layer_of_file(facts) != TEST,
    url="https://fastapi.tiangolo.com/tutorial/response-status-code/",
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    given = next((one.value for one in node.keywords if one.arg == "status_code"), None)
    number = given if given is not None else node.args[0] if node.args else None
    if not isinstance(number, ast.Constant) or type(number.value) is not int:
        return
    name = name_of(number.value, file.config.runs_on("starlette"))
    if name is None or not _takes_status(node, given is not None, file):
        return
    yield Hit(number, f"`{number.value}` has a name: write `status.{name}`", clue=name)


def _takes_status(node: ast.Call, by_name: bool, file: File) -> bool:
    callee = file.type_of(node.func)
    if isinstance(callee, ClassObject):
        if not by_name:
            return callee.cls in _FASTAPI
        return any(file.types.is_subclass(callee.cls, base) for base in (_HTTP, _RESPONSE))
    return by_name and route_decorator(file.types, expression(node), file.site(node)) is not None
