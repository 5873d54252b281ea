"""A `raise` inside an `except` without `from`, so that the traceback does not say which error was the cause.

## Why
Python prints such errors with "During handling of the above exception, another exception occurred", which reads as if
the handler itself had failed; tools that follow `__cause__` see nothing.

## Example
```python
except KeyError as error:
    raise HTTPException(404, "no such user")
```
Use instead:
```python
except KeyError as error:
    raise HTTPException(404, "no such user") from error
```

## Fix safety
The fix adds `from error`; where the `except` has no name yet, it gives it one, which is unsafe: the name is taken
from then on in that function. Where it has one the fix is safe: all that changes is what a traceback says.

## Limits
A `raise` of the caught error itself, one with a cause, and those in functions inside the handler are left alone.
ruff's `B904` finds the same without a repair.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.layers import TEST, layer_of_file
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_NAMES = ("error", "exc", "cause", "caught")


@rule(
    "TUC103",
    "raise-without-cause",
    on=ast.ExceptHandler,
    severity=Severity.ADVICE,
    fix=Safety.SAFE,
    libraries=("fastapi", "sqlalchemy", "sqlmodel", "pydantic"),
    triggers=("except",),
    where=lambda facts, types, config: layer_of_file(facts) != TEST,
    url="https://docs.python.org/3/tutorial/errors.html#exception-chaining",
    ruff=("B904",),
)
def check(node: ast.ExceptHandler, file: File) -> Iterator[Hit]:
    for statement in node.body:
        for one in file.walk(statement):
            if not isinstance(one, ast.Raise) or one.exc is None or one.cause is not None:
                continue
            if _nearest(one, file) is not node or _is_caught(one.exc, node):
                continue
            name = node.name or _free(node, file)
            yield Hit(
                one,
                f"its traceback does not say what caused it: write `raise ... from {name or 'error'}`",
                clue=name,
                safety=None if node.name else Safety.UNSAFE if name else Safety.MANUAL,
                why="" if node.name or not name else f"The caught error is called `{name}` from then on.",
            )


def _nearest(node: ast.AST, file: File) -> ast.AST | None:
    """The handler around a statement; None where a function lies between."""
    one = file.parent(node)
    while one is not None and not isinstance(one, ast.ExceptHandler):
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return None
        one = file.parent(one)
    return one


def _is_caught(raised: ast.expr, handler: ast.ExceptHandler) -> bool:
    """Whether what is raised is made of the caught error: that itself, `error.with_traceback(...)`."""
    while isinstance(raised, ast.Attribute | ast.Call):
        raised = raised.func if isinstance(raised, ast.Call) else raised.value
        if isinstance(raised, ast.Name):
            break
    return isinstance(raised, ast.Name) and (raised.id == handler.name or raised.id.islower())


def _free(node: ast.ExceptHandler, file: File) -> str:
    """A name the function around a handler does not use."""
    around: ast.AST | None = node
    while around is not None and not isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module):
        around = file.parent(around)
    used = {one.id for one in ast.walk(around or node) if isinstance(one, ast.Name)}
    used |= {one.arg for one in ast.walk(around or node) if isinstance(one, ast.arg)}
    used |= {one.name or "" for one in ast.walk(around or node) if isinstance(one, ast.ExceptHandler)}
    return next((name for name in _NAMES if name not in used), "")
