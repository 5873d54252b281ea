"""An `HTTPException` raised in a service or repository, which then only a web request can use.

## Why
A status code is the answer to a request. A task or a command that calls the same function has to catch an exception
of the web framework and guess from a number what went wrong; two routes that want different answers to one error
cannot have them.

## Example
```python
class UserService:
    def get(self, user_id: int) -> User:
        user = self.users.get(user_id)
        if user is None:
            raise HTTPException(404, "no such user")
        return user
```

## Fix safety
The fix makes errors of the service's own of all those that one service raises, and has the application turn them into
the same answers (status, detail, headers) with an exception handler. It is unsafe: whoever calls the service
elsewhere and expects an `HTTPException` gets another error. There is none where the project has several applications,
handles or asks for HTTP errors itself, where a `try` that may catch them stands around a call on the way up to the
route (in a file that can name `HTTPException`), or where a status is not written out; the finding says which, and
where. Then raise an error of your own and turn it into a response in the route, or in such a handler.

## Limits
A function is a service's or a repository's by the name of its class, module or folder, or as `[tool.trueup.layers]`
says. Functions that FastAPI itself calls (dependencies, routes) and those that take a request or a response may raise
it wherever they stand. An exception class of the project's own that inherits from `HTTPException` is advice only.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.config import Config
from trueup.file import File
from trueup.handlers.errors_below import moves
from trueup.index.facts import FileFacts
from trueup.index.project import FunctionSymbol
from trueup.infer import Inference
from trueup.layers import REPOSITORY, SERVICE, layer_of
from trueup.libraries.fastapi import entry, speaks_of_http_errors
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import ClassObject, Instance

_HTTP = "starlette.exceptions.HTTPException"
_PARAMETERS = ("fastapi.Request", "starlette.requests.Request", "fastapi.Response", "starlette.responses.Response")


def _knows_one(facts: FileFacts, types: Inference, config: Config) -> bool:
    if "FastAPI" in facts.called and any(place[0] == facts.path for place in moves(types, config).answered):
        return True
    return bool(facts.functions) and speaks_of_http_errors(facts, types)


@rule(
    "TUL104",
    "http-exception-below-router",
    on=ast.Raise,
    severity=Severity.WARNING,
    fix=Safety.UNSAFE,
    libraries=("fastapi", "starlette"),
    where=_knows_one,
    effort=5,
    step="layers",
)
def check(node: ast.Raise, file: File) -> Iterator[Hit]:
    if node.exc is None:
        return
    kind = file.type_of(node.exc)
    if not isinstance(kind, Instance | ClassObject) or not file.types.is_subclass(kind.cls, _HTTP):
        return
    facts = file.function_at(node)
    if facts is None:
        return
    function = file.function_symbol(facts)
    layer = layer_of(file.types, function, file.config)
    if layer not in (SERVICE, REPOSITORY) or entry(file.types, function) is not None or _is_web(function, file):
        return
    place = (file.path, node.exc.lineno, node.exc.col_offset)
    plan = moves(file.types, file.config)
    moved = plan.raised.get(place)
    yield Hit(
        node,
        f"`{facts.qualname}` is part of a {layer} and raises `{kind.cls.rpartition('.')[2]}`, which only a web request "
        "can use: raise an error of your own, and turn it into a response in the route or in an exception handler",
        severity=Severity.ADVICE if _is_own(kind.cls, file) else None,
        clue=moved,
        safety=None if moved is not None else Safety.MANUAL,
        why="Who calls it elsewhere and expects an `HTTPException` gets another error."
        if moved is not None
        else plan.kept.get(file.path, ""),
        group=f"TUL104 {file.module}" if moved is not None else "",
        members=moved.members if moved is not None else 0,
    )


@rule(
    "TUL104",
    "http-exception-below-router",
    on=ast.Call,
    severity=Severity.WARNING,
    fix=Safety.UNSAFE,
    libraries=("fastapi", "starlette"),
    where=_knows_one,
    effort=5,
    step="layers",
)
def check_application(node: ast.Call, file: File) -> Iterator[Hit]:
    place = (file.path, node.lineno, node.col_offset)
    for one in moves(file.types, file.config).answered.get(place, ()):
        yield Hit(
            node,
            f"the errors of `{one.module}` belong into a handler of this application: they are `HTTPException`s, which "
            "only a web request can use",
            clue=one,
            why="Who calls it elsewhere and expects an `HTTPException` gets another error.",
            group=f"TUL104 {one.module}",
            members=one.members,
            span=file.span(node.func),
        )


def _is_own(cls: str, file: File) -> bool:
    """Whether an exception is the project's own kind of `HTTPException`, which says what went wrong by its name."""
    symbol = file.project.klass(cls)
    return symbol is not None and symbol.file.path in file.project.files


def _is_web(function: FunctionSymbol, file: File) -> bool:
    """Whether a function takes a request or makes responses, so that it is the web's wherever it stands."""
    for param in function.facts.params:
        one = file.types.param_type(param, function.facts, function.file)
        if isinstance(one, Instance) and any(file.types.is_subclass(one.cls, cls) for cls in _PARAMETERS):
            return True
    return False
