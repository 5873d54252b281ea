"""An error of validation is made of `ErrorWrapper`s, which Pydantic 2 does not have.

## Why
`ErrorWrapper` cannot be imported any more, and `ValidationError([...], model=...)` is a `TypeError`: in version 2 only
`ValidationError.from_exception_data` makes one. FastAPI's `RequestValidationError` takes dicts, as they are sent to
the client. Such code stands where errors are handled, so that it is rarely tested.

## Example
```python
raise ValidationError([ErrorWrapper(ValueError("taken"), loc="name")], model=User)
# raise ValidationError.from_exception_data(
#     User.__name__, [{"type": PydanticCustomError("value_error", "taken"), "loc": ("name",), "input": None}]
# )
raise RequestValidationError([ErrorWrapper(ValueError("taken"), ("body", "name"))])
# raise RequestValidationError([{"loc": ("body", "name"), "msg": "taken", "type": "value_error"}])
```

## Fix safety
Unsafe: place, text and code of each error are the same as before. `errors()` has an `input` as well, which is None here
(put the value there if you have it), and the text of the whole error is laid out in another way. `ValidationError("a
text", User)` and exceptions that are not wrapped were mistakes that version 1 let pass: who asked for the text of such
an error got a `RuntimeError`. They become errors of the whole model, and in a validator a `ValueError`.

## Limits
Left to a person: calls of `ValidationError` whose errors are not written out there, other errors whose class is not
known, and a `loc` that may be a string or a tuple. Errors of your own (`PydanticValueError`) are taken for repaired
too: see `v1-error-class`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.errors import (
    BUILT_IN,
    ERROR_WRAPPER,
    REQUEST_ERROR,
    VALIDATION_ERROR,
    ErrorsChange,
    Wrapped,
    error_code,
    own_error,
)
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES
from trueup.libraries.pydantic.receivers import VALIDATORS
from trueup.libraries.pydantic.versions import is_guarded
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Instance, without_none

_WHY = "the errors have an `input` too, which is None here, and the text of the whole is laid out in another way"
_UNSHOWN = "asking such an error for its text, or its `errors()`, raised `RuntimeError` in Pydantic 1; now they tell"
_REPORTED = "making the error raised `TypeError`, or its text could not be shown; now it is reported"
_NAMES = tuple(sorted({name.rpartition(".")[2] for name in (ERROR_WRAPPER, VALIDATION_ERROR, REQUEST_ERROR)}))
_STR, _INT = Instance("builtins.str"), Instance("builtins.int")


@rule(
    "TUP741",
    "error-wrapper",
    on=ast.Call,
    names=_NAMES,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    triggers=("ErrorWrapper", "ValidationError"),
    url=GUIDE + "#changes-to-validators",
    effort=10,
    step="types",
)
def made(node: ast.Call, file: File) -> Iterable[Hit]:
    """A call that makes an error of a list of wrapped ones, or a wrapper anywhere else."""
    name = file.qualname(node.func)
    if name == ERROR_WRAPPER:
        if not _in_error(node, file):
            text = (
                "`ErrorWrapper` is gone in Pydantic 2: collect dicts of `type`, `loc` and `input` for "
                "`ValidationError.from_exception_data`"
            )
            yield Hit(node, text, safety=Safety.MANUAL, why="where it ends up is not seen", span=file.span(node.func))
        return
    if name not in (VALIDATION_ERROR, REQUEST_ERROR):
        return
    if not _holds_wrapper(node, file):
        if name == VALIDATION_ERROR and not is_guarded(node, file.parent, "from_exception_data"):
            yield _unwrapped(node, file)
        return
    request = name == REQUEST_ERROR
    shown = "dicts of `loc`, `msg` and `type`" if request else "`ValidationError.from_exception_data(...)`"
    change = _change(node, request, file)
    span = file.span(node.func)
    what = "`ErrorWrapper` is gone in Pydantic 2"
    if isinstance(change, str):
        yield Hit(node, f"{what}: use {shown}; {change}", safety=Safety.MANUAL, why=change, span=span)
    else:
        yield Hit(node, f"{what}: use {shown}", clue=change, why=_WHY, span=span)


def _unwrapped(node: ast.Call, file: File) -> Hit:
    """A call that is given texts or exceptions, which no version took: 1 made an error that could not be shown."""
    text = (
        "calling `ValidationError` raises `TypeError` in Pydantic 2: write "
        "`ValidationError.from_exception_data(title, [{...}])`, with `type`, `loc` and `input` of each error"
    )
    span = file.span(node.func)
    given = {k.arg: k.value for k in node.keywords}
    errors = node.args[0] if node.args else given.get("errors")
    if errors is not None and file.type_of(errors) == _STR and _is_of_validator(node, file):
        text = "calling `ValidationError` raises `TypeError` in Pydantic 2: raise a `ValueError` in a validator"
        return Hit(node, text, clue=file.segment(errors), why=_REPORTED, span=span)
    model = node.args[1] if len(node.args) > 1 else given.get("model")
    if errors is None or model is None or len(node.args) + len(node.keywords) > 2 or None in given:
        return Hit(node, text, safety=Safety.MANUAL, why="what its errors are is not written out here", span=span)
    parts = errors.elts if isinstance(errors, ast.List | ast.Tuple) else [errors]
    listed = isinstance(errors, ast.List | ast.Tuple)
    wrapped = [_told(one, listed, file) for one in parts]
    known = [one for one in wrapped if one is not None]
    if not known or len(known) < len(wrapped):
        return Hit(node, text, safety=Safety.MANUAL, why="what its errors are is not written out here", span=span)
    return Hit(node, text, clue=ErrorsChange(tuple(known), file.segment(model)), why=_UNSHOWN, span=span)


def _is_of_validator(node: ast.Call, file: File) -> bool:
    """Whether a validator raises what a call makes."""
    outer = file.parent(node)
    if not isinstance(outer, ast.Raise) or outer.exc is not node:
        return False
    around = file.parent(outer)
    while around is not None and not isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        if isinstance(around, ast.Try):
            return False  # what catches the one may not catch the other
        around = file.parent(around)
    decorators = around.decorator_list if isinstance(around, ast.FunctionDef) else []
    called = [one.func if isinstance(one, ast.Call) else one for one in decorators]
    return any(file.qualname(one) in VALIDATORS for one in called)


def _told(one: ast.expr, listed: bool, file: File) -> Wrapped | None:
    """The error that a text stands for, or an exception in a list; None for anything else."""
    found, text = file.type_of(one), file.segment(one)
    if found == _STR:
        return Wrapped("()", text, "value_error")
    if not listed or not isinstance(found, Instance) or not file.types.is_subclass(found.cls, "builtins.Exception"):
        return None
    if file.types.is_subclass(found.cls, VALIDATION_ERROR) or own_error(file.types, found.cls) is not None:
        return None
    return Wrapped("()", f"str({text})", "value_error")


def _holds_wrapper(node: ast.Call, file: File) -> bool:
    return any(
        isinstance(one, ast.Call) and file.qualname(one.func) == ERROR_WRAPPER
        for part in (*node.args, *(k.value for k in node.keywords))
        for one in ast.walk(part)
    )


def _in_error(node: ast.AST, file: File) -> bool:
    outer = file.parent(node)
    while isinstance(outer, ast.expr | ast.keyword):
        if isinstance(outer, ast.Call) and file.qualname(outer.func) in (VALIDATION_ERROR, REQUEST_ERROR):
            return True
        outer = file.parent(outer)
    return False


def _change(node: ast.Call, request: bool, file: File) -> ErrorsChange | str:
    """What the whole call becomes, or why a person must do it."""
    given = {k.arg: k.value for k in node.keywords}
    if None in given or any(isinstance(one, ast.Starred) for one in node.args):
        return "what is unpacked into the call is not known"
    errors = node.args[0] if node.args else given.get("errors")
    if not isinstance(errors, ast.List | ast.Tuple):
        return "the errors are not written out as a list"
    wrapped = []
    for one in errors.elts:
        if not isinstance(one, ast.Call) or file.qualname(one.func) != ERROR_WRAPPER:
            return "not all of the list are calls of `ErrorWrapper`"
        read = _wrapped(one, request, file)
        if isinstance(read, str):
            return read
        wrapped.append(read)
    if request:
        rest = [f"{name}={file.segment(value)}" for name, value in given.items() if name != "errors"]
        return ErrorsChange(tuple(wrapped), "", tuple(rest)) if len(node.args) < 2 else "it has more arguments"
    model = node.args[1] if len(node.args) > 1 else given.get("model")
    if model is None:
        return "the model is not named"
    return ErrorsChange(tuple(wrapped), file.segment(model))


def _wrapped(node: ast.Call, request: bool, file: File) -> Wrapped | str:
    given = {k.arg: k.value for k in node.keywords}
    error = node.args[0] if node.args else given.get("exc")
    loc = node.args[1] if len(node.args) > 1 else given.get("loc")
    if error is None or loc is None:
        return "an `ErrorWrapper` lacks its error or its place"
    place = _place(loc, file)
    if place is None:
        return f"whether `{file.segment(loc)}` is a string or a tuple is not known"
    found = without_none(file.type_of(error))
    if not isinstance(found, Instance):
        return f"what kind of error `{file.segment(error)}` is is not known"
    base = own_error(file.types, found.cls)
    text = file.segment(error)
    if base is not None:
        if found.cls.startswith("pydantic."):
            return f"`{found.cls.rpartition('.')[2]}` is gone too: choose one of Pydantic 2's codes"
        code = f"{base}.{error_code(file.types, found.cls)}"
        return Wrapped(place, f"str({text})", code) if request else Wrapped(place, "", code, text)
    if file.types.is_subclass(found.cls, VALIDATION_ERROR) and isinstance(error, ast.Name):
        return Wrapped(place, "", "", nested=text)
    code = next((BUILT_IN[name] for name in file.types.mro(found.cls).names if name in BUILT_IN), "")
    if not code or file.types.is_subclass(found.cls, VALIDATION_ERROR):
        return f"what becomes of a `{found.cls.rpartition('.')[2]}` is for you to say"
    plain = isinstance(error, ast.Call) and found.cls in BUILT_IN and len(error.args) == 1 and not error.keywords
    if plain and isinstance(error, ast.Call):
        message = error.args[0]
        simple = file.type_of(message) == _STR
        return Wrapped(place, file.segment(message) if simple else f"str({file.segment(message)})", code)
    return Wrapped(place, f"str({text})", code)


def _place(loc: ast.expr, file: File) -> str | None:
    """The source of a place as a tuple."""
    if isinstance(loc, ast.Tuple):
        text = file.segment(loc)
        return text if text.startswith("(") else f"({text})"
    found = file.type_of(loc)
    if found in (_STR, _INT):
        return f"({file.segment(loc)},)"
    if isinstance(found, Instance) and found.cls == "builtins.tuple":
        return file.segment(loc)
    return None
