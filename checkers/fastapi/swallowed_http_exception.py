"""An `HTTPException` raised inside a `try` whose own `except Exception` catches it and answers something else.

## Why
`HTTPException` is an `Exception`. A 404 that is raised in a `try` with a broad `except` at its end never leaves it: the
client gets what the `except` makes of it, a 500 mostly.

## Example
```python
try:
    user = users.get(user_id)
    if user is None:
        raise HTTPException(404, "no such user")
except Exception as error:
    raise HTTPException(500, str(error))  # for the 404 too
```
Use instead:
```python
try:
    ...
except HTTPException:
    raise
except Exception as error:
    raise HTTPException(500, str(error)) from error
```

## Fix safety
The fix puts `except HTTPException: raise` in front of the broad one. It is unsafe, because clients from now on get the
status that was meant. There is none where the broad `except` cleans up (`rollback`, `close`): what is cleaned up on all
ways belongs into a `finally`.

## Limits
Only what is raised in the `try` itself, not in the functions it calls. An `except` that raises what it has caught, or
asks for its class or status, is left alone; one that raises the same status again is advice.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.fastapi import speaks_of_http_errors
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import ClassObject, Instance

_HTTP = "starlette.exceptions.HTTPException"
_FASTAPI = "fastapi.HTTPException"
_BROAD = ("builtins.Exception", "builtins.BaseException")
_CLEANS = frozenset({"rollback", "close", "aclose", "unlink", "remove", "rmtree", "release", "cancel"})


@rule(
    "TUF102",
    "swallowed-http-exception",
    on=ast.Try,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=("fastapi", "starlette"),
    triggers=("except",),
    where=lambda facts, types, config: bool(facts.functions) and speaks_of_http_errors(facts, types),
    url="https://fastapi.tiangolo.com/tutorial/handling-errors/",
)
def check(node: ast.Try, file: File) -> Iterator[Hit]:
    broad = _broad(node, file)
    if broad is None or _passes_on(broad, file):
        return
    raised = list(_raised(node.body, file))
    if not raised:
        return
    first, cls = raised[0]
    cleans = any(
        isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr in _CLEANS
        for one in file.walk(broad)
    )
    statuses = {_status(one) for one, _ in raised}
    again = [_status(one) for one in file.walk(broad) if isinstance(one, ast.Raise)]
    same = len(statuses) == 1 and again and set(again) == statuses and None not in statuses
    lines = ", ".join(str(one.lineno) for one, _ in raised[1:])
    more = f" (so are those of line {lines})" if lines else ""
    yield Hit(
        node,
        f"this is caught again by the `except` of line {broad.lineno}{more}, and the client gets that one's answer: "
        "put `except HTTPException: raise` in front of it",
        clue=(broad.lineno, "fastapi" if file.types.is_subclass(cls, _FASTAPI) else "starlette.exceptions"),
        safety=Safety.MANUAL if cleans else None,
        why="the broad `except` also cleans up, which belongs into a `finally`"
        if cleans
        else "clients from now on get the status that was meant",
        severity=Severity.ADVICE if same else None,
        span=file.span(first),
        related=(file.place(broad, "catches it"),),
    )


def _broad(node: ast.Try, file: File) -> ast.ExceptHandler | None:
    """The broad `except` that an HTTPException comes to."""
    for handler in node.handlers:
        if handler.type is None:
            return handler
        kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        for kind in kinds:
            found = file.type_of(kind)
            if not isinstance(found, ClassObject):
                return None
            if file.types.is_subclass(found.cls, _HTTP):
                return None
            if found.cls in _BROAD:
                return handler
    return None


def _passes_on(handler: ast.ExceptHandler, file: File) -> bool:
    """Whether an `except` may raise what it has caught, or looks at what that is."""
    for one in file.walk(handler):
        if isinstance(one, ast.Raise) and (one.exc is None or _is_name(one.exc, handler.name)):
            return True
        if isinstance(one, ast.Call):
            if isinstance(one.func, ast.Name) and one.func.id in ("isinstance", "type", "getattr", "hasattr"):
                return True
            handed = [*one.args, *[key.value for key in one.keywords]]
            plain = isinstance(one.func, ast.Name) and one.func.id in ("str", "repr", "print")
            logs = isinstance(one.func, ast.Attribute)
            if any(_is_name(arg, handler.name) for arg in handed) and not plain and not logs:
                return True
        if isinstance(one, ast.Attribute) and _is_name(one.value, handler.name):
            return True
        if isinstance(one, ast.Match):
            return True
    return False


def _is_name(node: ast.expr, name: str | None) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _raised(body: list[ast.stmt], file: File) -> Iterator[tuple[ast.Raise, str]]:
    """The HTTPExceptions that leave some statements, with their classes."""
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for one in file.walk(statement):
            if not isinstance(one, ast.Raise) or one.exc is None or _is_caught(one, statement, file):
                continue
            kind = file.type_of(one.exc)
            if isinstance(kind, Instance | ClassObject) and file.types.is_subclass(kind.cls, _HTTP):
                yield one, kind.cls


def _is_caught(node: ast.Raise, statement: ast.stmt, file: File) -> bool:
    """Whether a `try` further inside has handlers of its own around it."""
    one: ast.AST | None = node
    while one is not None and one is not statement:
        above = file.parent(one)
        if isinstance(above, ast.Try) and above.handlers and one in above.body:
            return True
        one = above
    return isinstance(statement, ast.Try) and bool(statement.handlers) and _is_below(node, statement.body, file)


def _is_below(node: ast.AST, body: list[ast.stmt], file: File) -> bool:
    one: ast.AST | None = node
    while one is not None:
        if one in body:
            return True
        one = file.parent(one)
    return False


def _status(node: ast.Raise) -> str | None:
    """The status of a `raise HTTPException(...)` as it is written."""
    call = node.exc
    if not isinstance(call, ast.Call):
        return None
    for keyword in call.keywords:
        if keyword.arg == "status_code":
            return ast.unparse(keyword.value)
    return ast.unparse(call.args[0]) if call.args else None
