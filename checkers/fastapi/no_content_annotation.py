"""A route that answers 204 and does not say `-> None`, or returns something that is never sent.

## Why
A response with the status 204 has no body: what the route returns is thrown away, and whoever reads it believes that
the client gets it. `-> None` says so, and lets a type checker see to it.

## Example
```python
@router.delete("/users/{user_id}", status_code=204)
def delete_user(user_id: int):
    return {"deleted": True}  # no client ever sees this
```

## Fix safety
The fix writes `-> None` where nothing is returned. It is safe: FastAPI takes that for no response model. Where
something is returned there is none: either the status or the return is wrong.

## Limits
Routes whose decorator says 204 as a number or constant. A `Response` may be returned. In a module with
`from __future__ import annotations` there is no fix: older versions of FastAPI take the string for a response model.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.handlers.answers import may_be_response, returns
from trueup.handlers.routes import holds_routes, route_at, routings, said, status_of
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUF116",
    "no-content-annotation",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=("fastapi",),
    triggers=("204", "NO_CONTENT", "HTTP_204_NO_CONTENT"),
    where=holds_routes,
    url="https://fastapi.tiangolo.com/advanced/additional-status-codes/",
)
def check(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    if route_at(node, file) is None:
        return
    routed = [call for _, call in routings(node, file)]
    if not any(status_of(said(one, "status_code")) == 204 for one in routed):
        return
    sent = next(returns(node, file), None)
    if sent is not None and sent.value is not None:
        if not may_be_response(file.type_of(sent.value), file):
            yield Hit(
                sent,
                f"`{node.name}` answers 204, which has no body: what it returns is never sent; return nothing, or "
                "answer 200",
                safety=Safety.MANUAL,
            )
        return
    if node.returns is None and len(routed) == len(node.decorator_list):
        future = any(one.module == "__future__" and one.attr == "annotations" for one in file.facts.scope.imports)
        yield Hit(
            node,
            f"`{node.name}` answers 204, so it returns nothing: say `-> None`",
            safety=Safety.MANUAL if future else None,
            span=file.header(node),
        )
