"""A route annotated `-> UserRead` that returns rows of the database: FastAPI converts them, type checkers do not.

## Why
The annotation says what the client gets, not what the function returns. It works, since FastAPI validates what is
returned by its attributes; but mypy and pyright report every such route, and whoever calls the function gets
something else.

## Example
```python
@router.get("/users/{user_id}")
def read_user(user_id: int, db: Db) -> UserRead:
    return db.get_one(User, user_id)
```

## What to do
Say `response_model=UserRead` with the annotation `-> User`, or return `UserRead.model_validate(user,
from_attributes=True)`.

## Limits
Routes without a `response_model`, whose annotation is a model of the project, or a list of such, and that certainly
return a mapped object, or a list of such, of another class.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.handlers.answers import returns, schema, stored
from trueup.handlers.routes import holds_routes, route_at, routings, said
from trueup.libraries.sqlalchemy.transactions import LIBRARIES
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUF128",
    "rows-under-schema",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.ADVICE,
    fix=Safety.MANUAL,
    libraries=LIBRARIES,
    where=holds_routes,
    url="https://fastapi.tiangolo.com/tutorial/response-model/#response_model-parameter",
    effort=3,
)
def check(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    if node.returns is None or route_at(node, file) is None:
        return
    if any(said(one, "response_model") is not None for _, one in routings(node, file)):
        return
    promised = schema(file.annotation(node.returns), file)
    if promised is None:
        return
    for one in returns(node, file):
        found = stored(file.type_of(one.value), file) if one.value is not None else None
        if found is not None and not file.types.is_subclass(found[0], promised[0]):
            row, model = found[0].rpartition(".")[2], promised[0].rpartition(".")[2]
            yield Hit(
                one,
                f"`{node.name}` says it returns `{model}` and returns rows of `{row}`; only FastAPI converts them: say "
                f"`response_model={ast.unparse(node.returns)}` and annotate what it returns, or call "
                f"`{model}.model_validate`",
            )
            return
