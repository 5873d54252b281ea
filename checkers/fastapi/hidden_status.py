"""A parameter or variable called `status` in a module that has FastAPI's `status`, which it hides.

## Why
`status.HTTP_404_NOT_FOUND` in that function is an attribute of the parameter: the route answers 500 with an
`AttributeError` where it meant 404. Where nothing in the function uses FastAPI's yet, the next who adds an error
there runs into it.

## Example
```python
from fastapi import HTTPException, status


@router.get("/rooms")
def list_rooms(status: RoomStatus) -> list[RoomRead]:
    if not allowed:
        raise HTTPException(status.HTTP_403_FORBIDDEN)  # AttributeError
```

## What to do
Call the parameter `room_status`, with `Query(alias="status")` where clients send that name; or import FastAPI's under
another name.

## Limits
Functions and lambdas whose own parameters or variables are called like the imported `fastapi.status`. An error where
the function takes an `HTTP_...` name from it, advice elsewhere.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_MODULES = ("fastapi", "starlette")


@rule(
    "TUF126",
    "hidden-status",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    libraries=("fastapi", "starlette"),
    triggers=("status",),
    where=lambda facts, types, config: any(
        one.attr == "status" and one.module in _MODULES for one in facts.scope.imports
    ),
    effort=2,
)
def check(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    hidden = {one.name for one in file.facts.scope.imports if one.attr == "status" and one.module in _MODULES}
    args = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    facts = file.function_at(node)
    own = [arg.arg for arg in args if arg.arg in hidden]
    own += [one.name for one in (facts.scope.bindings if facts is not None else ()) if one.name in hidden]
    if not own:
        return
    name = own[0]
    used = next(
        (
            one
            for one in ast.walk(node)
            if isinstance(one, ast.Attribute)
            and isinstance(one.value, ast.Name)
            and one.value.id == name
            and one.attr.startswith("HTTP_")
            and one.lineno >= node.body[0].lineno
        ),
        None,
    )
    kind = "parameter" if any(arg.arg == name for arg in args) else "variable"
    if used is not None:
        yield Hit(
            used,
            f"`{name}` is a {kind} of `{node.name}` here and not FastAPI's: this raises `AttributeError`; give the "
            f"{kind} another name",
        )
    else:
        yield Hit(
            node,
            f"a {kind} of `{node.name}` is called `{name}` and hides FastAPI's `status`: give it another name",
            severity=Severity.ADVICE,
            span=file.header(node),
        )
