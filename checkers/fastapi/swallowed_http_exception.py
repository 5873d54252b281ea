"""An `HTTPException` raised inside a `try` whose own `except Exception` catches it and answers something else.

## Why
`HTTPException` is an `Exception`. A 404 that is raised in a `try` with a broad `except` at its end never leaves it:
the client gets what the `except` makes of it, a 500 mostly.

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
The fix puts `except HTTPException: raise` in front of the broad one. It is unsafe, because clients from now on get
the status that was meant. There is none where the broad `except` cleans up (`rollback`, `close`): what is cleaned up
on all ways belongs into a `finally`.

## Limits
What is raised in the `try` itself, and in functions of the project that it calls, three deep; the latter where the
`except` answers something, not where it only logs and goes on. An `except` that raises
what it has caught, or asks for its class or status, is left alone; one that raises the same status again is advice.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.handlers.routes import status_named, status_of
from trueup.index.facts import Attr, Const, Expr
from trueup.index.project import FunctionSymbol
from trueup.infer import Inference
from trueup.infer.flow import chain
from trueup.infer.reach import targets
from trueup.libraries.fastapi import speaks_of_http_errors
from trueup.libraries.sqlalchemy.transactions import runs_here
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Callee, ClassObject, Instance

_HTTP = "starlette.exceptions.HTTPException"
_FASTAPI = "fastapi.HTTPException"
_BROAD = ("builtins.Exception", "builtins.BaseException")
_DEPTH = 2
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
    # What only logs what a function refused goes on on purpose.
    answers = any(isinstance(one, ast.Raise | ast.Return) for one in file.walk(broad))
    raised = [*_raised(node.body, file), *(_raised_below(node.body, file) if answers else ())]
    if not raised:
        return
    first, cls, _ = raised[0]
    cleans = any(
        isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr in _CLEANS
        for one in file.walk(broad)
    )
    statuses = {status for _, _, status in raised}
    again = [_status(one) for one in file.walk(broad) if isinstance(one, ast.Raise)]
    same = len(statuses) == 1 and again and set(again) == statuses and None not in statuses
    lines = ", ".join(str(one.lineno) for one, _, _ in raised[1:])
    more = f" (so are those of line {lines})" if lines else ""
    what = "this" if isinstance(first, ast.Raise) else "the `HTTPException` that this raises"
    yield Hit(
        node,
        f"{what} is caught again by the `except` of line {broad.lineno}{more}, and the client gets that one's answer: "
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


def _raised(body: list[ast.stmt], file: File) -> Iterator[tuple[ast.expr | ast.stmt, str, int | None]]:
    """The HTTPExceptions that leave some statements, with their classes and statuses."""
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for one in file.walk(statement):
            if not isinstance(one, ast.Raise) or one.exc is None or _is_caught(one, statement, file):
                continue
            kind = file.type_of(one.exc)
            if isinstance(kind, Instance | ClassObject) and file.types.is_subclass(kind.cls, _HTTP):
                yield one, kind.cls, _status(one)


def _raised_below(body: list[ast.stmt], file: File) -> Iterator[tuple[ast.expr | ast.stmt, str, int | None]]:
    """The calls of some statements whose functions raise HTTPExceptions."""
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for one in file.walk(statement):
            if not isinstance(one, ast.Call) or _is_caught(one, statement, file):
                continue
            callee = file.type_of(one.func)
            function = file.project.function(callee.qualname) if isinstance(callee, Callee) else None
            if function is None or not file.project.is_own(function.qualname):
                continue
            if function.facts.is_generator or (function.facts.is_async and not isinstance(file.parent(one), ast.Await)):
                continue
            found = _raises(file.types, function, _DEPTH, [])
            if found is not None:
                yield one, *found


def _raises(types: Inference, function: FunctionSymbol, depth: int, seen: list[str]) -> tuple[str, int | None] | None:
    """The class and status of the first HTTPException that a function, or what it calls, raises outside any `try`."""
    seen.append(function.qualname)
    blocks = function.facts.scope.blocks
    for call, reached in targets(types, function):
        if any(blocks[block].kind == "try" for block in chain(blocks, call.block)):
            continue
        for target in reached:
            if call.used == "value" and types.is_subclass(target.name, _HTTP):
                given = call.call.args[0] if call.call.args else dict(call.call.keywords).get("status_code")
                return target.name, _number(given)
            own = target.function
            if own is None or not depth or own.qualname in seen or not types.project.is_own(own.qualname):
                continue
            below = _raises(types, own, depth - 1, seen) if runs_here(target, call) else None
            if below is not None:
                return below
    return None


def _number(given: Expr | None) -> int | None:
    if isinstance(given, Const) and given.kind == "int":
        return int(given.text)
    return status_named(given.attr) if isinstance(given, Attr) else None


def _is_caught(node: ast.AST, statement: ast.stmt, file: File) -> bool:
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


def _status(node: ast.Raise) -> int | None:
    """The status of a `raise HTTPException(...)`, where it is written out."""
    call = node.exc
    if not isinstance(call, ast.Call):
        return None
    given = next((one.value for one in call.keywords if one.arg == "status_code"), None)
    return status_of(given if given is not None else call.args[0] if call.args else None)
