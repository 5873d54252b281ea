"""A route or dependency that returns an `HTTPException` instead of raising it, and so answers 200.

## Why
FastAPI turns an exception into a response when it is raised. One that is returned is a value like any other: the client
gets `200 OK` and the exception's fields as JSON, or a 500 where a response model does not fit. A dependency that
returns one lets the request through.

## Example
```python
@router.get("/users/{user_id}")
def read_user(user_id: int) -> UserRead:
    if user_id not in users:
        return HTTPException(404)  # answers 200 or 500
```

## Fix safety
The fix writes `raise` for `return`. It is unsafe, because clients from now on get the status that was meant.

## Limits
Only `return` directly in functions that FastAPI calls: other functions may make an error for their caller to raise.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.fastapi import entries, entry
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Instance

_HTTP = "starlette.exceptions.HTTPException"


@rule(
    "TUF105",
    "returned-http-exception",
    on=ast.Return,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=("fastapi",),
    triggers=("HTTPException", "*Exception", "*Error"),
    where=lambda facts, types, config: bool(entries(types, facts)),
    url="https://fastapi.tiangolo.com/tutorial/handling-errors/",
)
def check(node: ast.Return, file: File) -> Iterator[Hit]:
    if not isinstance(node.value, ast.Call):
        return
    facts = file.function_at(node)
    role = entry(file.types, file.function_symbol(facts)) if facts is not None else None
    if role is None:
        return
    made = file.type_of(node.value)
    if not isinstance(made, Instance) or not file.types.is_subclass(made.cls, _HTTP):
        return
    what = "lets the request through" if role.kind == "dependency" else "is answered with 200 or 500"
    yield Hit(
        node,
        f"`{made.cls.rpartition('.')[2]}` is returned and not raised, so this {what}: write `raise`",
        why="clients from now on get the status that was meant",
    )
