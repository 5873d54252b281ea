"""A validator raises a `TypeError`, which Pydantic 2 does not turn into a validation error.

## Why
In Pydantic 1 a validator could raise `ValueError`, `TypeError` or `AssertionError`, and all three became an entry of
the `ValidationError`. Pydantic 2 lets a `TypeError` **through**: whoever builds the model gets it as it is, and where
FastAPI answered 422 it answers 500. Nothing warns.

## Example
```python
@field_validator("size", mode="before")
@classmethod
def parse(cls, value):
    if not isinstance(value, str):
        raise TypeError("a text is expected")  # raise ValueError("a text is expected")
```

## Fix safety
Unsafe: it raises `ValueError` instead. The message stays; the type of the error is `value_error`, not `type_error`, and
code that calls the validator itself and expects a `TypeError` has to change.

## Limits
Only `raise TypeError` in the validator itself is seen: not one in a function that it calls, and not the `TypeError`
that Python raises for `len(None)` or `None < 0`. What an `except` of the validator catches is left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES
from trueup.libraries.pydantic.validators import FIELD_VALIDATOR, MODEL_VALIDATOR, ROOT_VALIDATOR, VALIDATOR
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

from .decorators import is_decorator

_CAUGHT = frozenset({"TypeError", "Exception", "BaseException"})


@rule(
    "TUP502",
    "type-error-in-validator",
    on=ast.Raise,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    triggers=("TypeError",),
    url=GUIDE + "#typeerror-is-no-longer-converted-to-validationerror-in-validators",
    effort=2,
    step="validators",
)
def raised(node: ast.Raise, file: File) -> Iterable[Hit]:
    """`raise TypeError` and `raise TypeError(...)`."""
    name = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    if not isinstance(name, ast.Name) or file.qualname(name) != "builtins.TypeError":
        return
    inner: ast.AST = node
    around = file.parent(node)
    while around is not None and not isinstance(around, ast.FunctionDef | ast.Lambda | ast.ClassDef):
        if isinstance(around, ast.Try) and inner in around.body and any(_catches(one) for one in around.handlers):
            return
        inner, around = around, file.parent(around)
    if not isinstance(around, ast.FunctionDef):
        return
    names = (*VALIDATOR, *ROOT_VALIDATOR, *FIELD_VALIDATOR, *MODEL_VALIDATOR)
    decorators = [one.func if isinstance(one, ast.Call) else one for one in around.decorator_list]
    if any(is_decorator(one, file, names) for one in decorators):
        text = (
            "Pydantic 2 lets a `TypeError` out of a validator instead of reporting it "
            "(FastAPI answers 500, not 422): raise `ValueError`"
        )
        yield Hit(name, text, why="the error is a `value_error`, and whoever calls the validator gets a `ValueError`")


def _catches(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    return any(isinstance(one, ast.Name) and one.id in _CAUGHT for one in ast.walk(handler.type))
