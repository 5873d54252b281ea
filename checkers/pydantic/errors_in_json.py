"""The errors of a `ValidationError` are made JSON directly, which fails as soon as a validator raised one of them.

## Why
In version 2 an error that a validator raised carries the exception itself (`ctx: {"error": ValueError(...)}`), and
every error carries the input it is about. `json.dumps` and `JSONResponse` can write neither: the handler that was to
answer 422 fails, and the client gets 500. Tests that send a wrong type, and no wrong value, stay green.

## Example
```python
@app.exception_handler(RequestValidationError)
async def invalid(request, exc):
    return JSONResponse({"detail": exc.errors()}, status_code=422)
    # JSONResponse({"detail": jsonable_encoder(exc.errors())}, status_code=422)
```

## Fix safety
Safe with FastAPI's `jsonable_encoder`, which leaves plain data as it is. In a project without FastAPI the errors are
asked for without exceptions, inputs and links (`include_context=False`, ...): unsafe, because the limits in `ctx` go.

## Limits
The errors must stand in the call itself, or in dicts and lists written there. Encoders of your own (`default=`, `cls=`)
are taken to know what to do.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from trueup.file import File
from trueup.libraries.pydantic.errors import REQUEST_ERROR, VALIDATION_ERROR, is_instance
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import ClassObject

_RESPONSES = ("fastapi.responses.JSONResponse", "starlette.responses.JSONResponse", "fastapi.HTTPException",
              "fastapi.exceptions.HTTPException", "starlette.exceptions.HTTPException")  # fmt: skip


@rule(
    "TUP745",
    "errors-in-json",
    on=ast.Call,
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=(".errors()",),
    url=GUIDE,
    effort=3,
    step="types",
    prepares=lambda finding: finding.clue == "encoder",
)
def written(node: ast.Call, file: File) -> Iterable[Hit]:
    """A call that writes JSON, and the errors it is given."""
    if not _writes_json(node, file):
        return
    given = {k.arg: k.value for k in node.keywords}
    if "default" in given or "cls" in given or None in given:
        return
    for value in (*node.args, *(given[name] for name in ("content", "detail", "obj") if name in given)):
        for errors in _shown(value):
            if isinstance(errors.func, ast.Attribute) and is_instance(
                file.types, file.type_of(errors.func.value), (VALIDATION_ERROR, REQUEST_ERROR)
            ):
                yield _hit(errors, node, file)


def _hit(errors: ast.Call, node: ast.Call, file: File) -> Hit:
    writer = file.segment(node.func)
    encoder = file.project.imports_any(["fastapi"])
    use = (
        "jsonable_encoder(...)" if encoder else "errors(include_url=False, include_context=False, include_input=False)"
    )
    text = (
        f"`{writer}` cannot write an error that a validator raised: Pydantic 2 puts the exception into it; use `{use}`"
    )
    if encoder:
        return Hit(errors, text, clue="encoder")
    why = "without the context the limits that were broken are not told any more"
    return Hit(errors, text, clue="arguments", safety=Safety.UNSAFE, why=why)


def _writes_json(node: ast.Call, file: File) -> bool:
    name = file.qualname(node.func)
    if name == "json.dumps":
        return True
    found = file.type_of(node.func)
    return isinstance(found, ClassObject) and any(one in _RESPONSES for one in file.types.mro(found.cls).names)


def _shown(value: ast.expr) -> Iterator[ast.Call]:
    """The calls of `errors()` in a value that end up in it as they are."""
    match value:
        case ast.Call(func=ast.Attribute(attr="errors"), args=[], keywords=[]):
            yield value
        case ast.Dict(values=values) | ast.List(elts=values) | ast.Tuple(elts=values) | ast.BoolOp(values=values):
            for one in values:
                yield from _shown(one)
        case ast.IfExp(body=body, orelse=orelse):
            yield from _shown(body)
            yield from _shown(orelse)
