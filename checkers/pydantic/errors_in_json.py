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
The errors must stand in the call itself, or in dicts and lists written there, or in a name that is nothing else. What a
handler of exceptions hands to a function of the project is repaired too (unsafe: what that does is not seen). Encoders
of your own (`default=`, `cls=`) are taken to know what to do.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from trueup.file import File
from trueup.index.project import FunctionSymbol
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
    given = {k.arg: k.value for k in node.keywords}
    if _writes_json(node, file):
        if "default" in given or "cls" in given or None in given:
            return
        for value in (*node.args, *(given[name] for name in ("content", "detail", "obj") if name in given)):
            for one in _shown(value):
                if isinstance(one, ast.Call) and _is_errors(one, file):
                    yield _hit(one, one, node, file)
                elif isinstance(one, ast.Name) and (call := _held(one, file)) is not None:
                    yield _hit(one, call, node, file)
    elif _answers(node, file):
        for value in (*node.args, *given.values()):
            for one in _shown(value):
                if isinstance(one, ast.Call) and _is_errors(one, file):
                    yield _handed_on(one, node, file)


def _is_errors(call: ast.Call, file: File) -> bool:
    """Whether a call asks an error of validation for its errors."""
    return isinstance(call.func, ast.Attribute) and is_instance(
        file.types, file.type_of(call.func.value), (VALIDATION_ERROR, REQUEST_ERROR)
    )


def _held(name: ast.Name, file: File) -> ast.Call | None:
    """The call of `errors()` that a name of the function around stands for, if it is nothing else."""
    around = file.parent(name)
    while around is not None and not isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef):
        around = file.parent(around)
    if around is None:
        return None
    given = [
        one for one in ast.walk(around) if isinstance(one, ast.Name) and one.id == name.id
        and not isinstance(one.ctx, ast.Load)
    ]  # fmt: skip
    if len(given) != 1:
        return None
    match file.parent(given[0]):
        case ast.Assign(targets=[ast.Name()], value=ast.Call() as call) | ast.AnnAssign(value=ast.Call() as call):
            plain = isinstance(call.func, ast.Attribute) and call.func.attr == "errors"
            return call if plain and not call.args and not call.keywords and _is_errors(call, file) else None
    return None


def _answers(node: ast.Call, file: File) -> bool:
    """Whether a call of a function of the project is what a handler of exceptions returns."""
    holder = file.parent(node)
    if isinstance(holder, ast.Await):
        holder = file.parent(holder)
    function = file.parent(holder) if isinstance(holder, ast.Return) else None
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) or len(function.args.args) < 2:
        return False
    request = function.args.args[-2].annotation
    named = request is not None and (file.qualname(request) or "").rpartition(".")[2] == "Request"
    return named and isinstance(file.project.locate(file.qualname(node.func) or ""), FunctionSymbol)


def _handed_on(errors: ast.Call, node: ast.Call, file: File) -> Hit:
    taker = file.segment(node.func)
    text = (
        f"`{taker}` gets errors that JSON cannot have: Pydantic 2 puts the exceptions of validators into them; use "
        "`jsonable_encoder(...)`"
    )
    why = f"what `{taker}` does with them is not seen; their places become lists"
    return Hit(errors, text, clue="encoder", safety=Safety.UNSAFE, why=why)


def _hit(shown: ast.expr, errors: ast.Call, node: ast.Call, file: File) -> Hit:
    writer = file.segment(node.func)
    encoder = file.project.imports_any(["fastapi"])
    use = (
        "jsonable_encoder(...)" if encoder else "errors(include_url=False, include_context=False, include_input=False)"
    )
    text = (
        f"`{writer}` cannot write an error that a validator raised: Pydantic 2 puts the exception into it; use `{use}`"
    )
    if encoder:
        return Hit(shown, text, clue="encoder")
    why = "without the context the limits that were broken are not told any more"
    return Hit(errors, text, clue="arguments", safety=Safety.UNSAFE, why=why)


def _writes_json(node: ast.Call, file: File) -> bool:
    name = file.qualname(node.func)
    if name == "json.dumps":
        return True
    found = file.type_of(node.func)
    return isinstance(found, ClassObject) and any(one in _RESPONSES for one in file.types.mro(found.cls).names)


def _shown(value: ast.expr) -> Iterator[ast.Call | ast.Name]:
    """The calls of `errors()`, and the names, in a value that end up in it as they are."""
    match value:
        case ast.Name():
            yield value
        case ast.Call(func=ast.Attribute(attr="errors"), args=[], keywords=[]):
            yield value
        case ast.Dict(values=values) | ast.List(elts=values) | ast.Tuple(elts=values) | ast.BoolOp(values=values):
            for one in values:
                yield from _shown(one)
        case ast.IfExp(body=body, orelse=orelse):
            yield from _shown(body)
            yield from _shown(orelse)
