"""A route that says nowhere what it answers with: no return annotation, no `response_model`.

## Why
Its OpenAPI has an empty schema, so that clients made from it know nothing of the answer; nothing validates what is
sent, and a field that is added to what the route returns leaves the server unnoticed.

## Example
```python
@router.get("/users/{user_id}")
def read_user(user_id: int, users: Users):
    return users.get(user_id)
```

## Fix safety
Where all that is returned is certainly an object of one model of the project (or lists of it), the fix writes the
return annotation. It is unsafe: the answer is validated against it and appears in the OpenAPI. Elsewhere there is
none.

## Limits
Routes that may return a response of their own, that have a `response_class`, answer 204, return nothing, or are not
part of the schema are left alone, and so are tests. Stored objects without a schema are TUL106's.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.handlers.answers import may_be_response, returns, schema, stored
from trueup.handlers.routes import holds_routes, route_at, routings, said, status_of
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Instance

_SAID = ("response_model", "response_class", None)


@rule(
    "TUF108",
    "undescribed-answer",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.ADVICE,
    fix=Safety.UNSAFE,
    libraries=("fastapi",),
    where=holds_routes,
    url="https://fastapi.tiangolo.com/tutorial/response-model/",
    effort=5,
)
def check(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    if node.returns is not None or route_at(node, file) is None:
        return
    routed = [call for _, call in routings(node, file)]
    if not routed or len(routed) != len(node.decorator_list) or any(_is_said(one) for one in routed):
        return
    found = [file.type_of(one.value) for one in returns(node, file) if one.value is not None]
    if not found or any(isinstance(one, ast.Yield | ast.YieldFrom) for one in file.walk(node)):
        return
    if any(isinstance(one, Instance) and may_be_response(one, file) for one in found):
        return
    if any(stored(one, file) is not None for one in found):
        return
    models = list(dict.fromkeys(schema(one, file) for one in found))
    model = models[0] if len(models) == 1 and _always(node) else None
    at_hand = model is not None and _name_of(model[0], file) is not None
    name = _name_of(model[0], file) if model is not None else None
    written = f"list[{name}]" if model is not None and model[1] else name
    yield Hit(
        node,
        f"`{node.name}` says nowhere what it answers with, so that its OpenAPI is empty and nothing checks what is "
        + (f"sent: write `-> {written}`" if at_hand else "sent: give it a return annotation or a `response_model`"),
        clue=written,
        safety=None if at_hand else Safety.MANUAL,
        why="The answer is validated and described from then on." if at_hand else "",
        span=file.header(node),
    )


def _is_said(routing: ast.Call) -> bool:
    if any(one.arg in _SAID for one in routing.keywords):
        return True
    shown = said(routing, "include_in_schema")
    hidden = isinstance(shown, ast.Constant) and shown.value is False
    return hidden or status_of(said(routing, "status_code")) == 204


def _always(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function ends with a `return` or `raise`, so that it never returns `None` by itself."""
    return isinstance(node.body[-1], ast.Return | ast.Raise)


def _name_of(qualname: str, file: File) -> str | None:
    """The name that the module has a class by."""
    name = qualname.rpartition(".")[2]
    here = {one.name for one in file.facts.scope.imports} | {one.name for one in file.facts.classes if not one.owner}
    if name not in here:
        return None
    symbol = file.project.lookup(file.module, name)
    return name if getattr(symbol, "qualname", "") == qualname else None
