"""An error of the project's own that a route can raise and nothing turns into a response: the client gets a 500.

## Why
A service says by `UserNotFound` that the request cannot be met. Where no route catches it and the application has no
exception handler for it, FastAPI answers `500 Internal Server Error`, logs a traceback and wakes somebody up, for
what was the client's mistake.

## Example
```python
class UserNotFound(Exception): ...


def get_user(db: Session, user_id: int) -> User:
    user = db.get(User, user_id)
    if user is None:
        raise UserNotFound(user_id)
    return user


@router.get("/users/{user_id}")
def read_user(user_id: int, db: Session = Depends(get_db)) -> UserRead:
    return UserRead.model_validate(get_user(db, user_id))
```

## What to do
Which status the error means is a person's to say.
Register a handler, `@app.exception_handler(UserNotFound)`, for the class or one above it, or catch the error in the
routes that can raise it.

## Limits
Only errors whose name says that they are about the request (`...NotFound`, `...AlreadyExists`, `...Forbidden`,
`Invalid...`), followed from routes through calls whose callee is known, five deep. A call inside any `try`, a
function under a decorator of unknown kind, and a project with a middleware of its own are taken to handle what comes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import partial

from trueup.file import File
from trueup.index.facts import CallSite, Const, Mapping, Name
from trueup.infer import Inference
from trueup.infer.flow import chain
from trueup.infer.reach import Step, Target, routes
from trueup.libraries.fastapi import entries, files_with_entries
from trueup.libraries.sqlalchemy.transactions import runs_here
from trueup.model import Hit, Place, Safety, Severity
from trueup.registry import rule
from trueup.types import ClassObject, Type, Union

_ABOUT_REQUESTS = re.compile(
    r"NotFound|DoesNotExist|NotExist|AlreadyExists|Duplicate|Conflict|Forbidden|PermissionDenied|NotAllowed|"
    r"Unauthori[sz]ed|AccessDenied|^Invalid[A-Z]|NotAuthenticated"
)
_HTTP = "starlette.exceptions.HTTPException"
_MIDDLEWARE = frozenset(
    {"starlette.middleware.base.BaseHTTPMiddleware", "fastapi.routing.APIRoute", "starlette.routing.Route"}
)
_PLAIN = ("staticmethod", "classmethod", "override", "property", "cached_property")
_DEPTH = 5


@rule(
    "TUL107",
    "unhandled-error",
    on=ast.ClassDef,
    severity=Severity.WARNING,
    fix=Safety.MANUAL,
    libraries=("fastapi",),
    where=lambda facts, types, config: any(_ABOUT_REQUESTS.search(one.name) for one in facts.classes),
    url="https://fastapi.tiangolo.com/tutorial/handling-errors/#install-custom-exception-handlers",
    effort=5,
)
def check(node: ast.ClassDef, file: File) -> Iterator[Hit]:
    facts = file.class_at(node)
    if facts is None or not _ABOUT_REQUESTS.search(node.name):
        return
    name = file.qualified(facts)
    if not file.types.is_subclass(name, "builtins.Exception") or file.types.is_subclass(name, _HTTP) is not False:
        return
    found = file.types.shared(unhandled).get(name)
    if found is None:
        return
    route, path, line, count = found
    more = f" and {count - 1} more" if count > 1 else ""
    yield Hit(
        node,
        f"the route `{route}`{more} can raise `{node.name}` ({path}:{line}), and nothing turns it into a response, so "
        f"the client gets a 500: register `@app.exception_handler({node.name})`, or catch it in the route",
        related=(Place(path, line, 1, "raised here"),),
        span=file.header(node),
    )


def unhandled(types: Inference) -> dict[str, tuple[str, str, int, int]]:
    """Class -> (a route that lets it through, where it is raised: path and line, the number of such routes)."""
    handled = _handled(types)
    found: dict[str, tuple[str, str, int, int]] = {}
    if handled is None:
        return found
    for facts in files_with_entries(types):
        for route, role in entries(types, facts):
            if role.kind != "route" or not role.only_routed:
                continue
            seen: list[str] = []
            for way in routes(types, route, partial(_error, types), through=_goes_through, depth=_DEPTH):
                name = way.found
                if name in seen or any(_is_tried(step) for step in way.steps) or not _is_raised(way.steps[-1]):
                    continue
                if any(types.is_subclass(name, base) is not False for base in handled):
                    continue
                seen.append(name)
                last = way.steps[-1]
                first = found.get(name)
                found[name] = (
                    (*first[:3], first[3] + 1)
                    if first is not None
                    else (route.facts.name, last.caller.file.path, last.call.pos.line, 1)
                )
    return found


def _error(types: Inference, target: Target, call: CallSite) -> str | None:
    """The error of the project that a call makes, if it is about the request."""
    if call.used != "value" or not _ABOUT_REQUESTS.search(target.name.rpartition(".")[2]):
        return None
    symbol = types.project.klass(target.name)
    if symbol is None or symbol.file.path not in types.project.files:
        return None
    return target.name if types.is_subclass(target.name, "builtins.Exception") else None


def _goes_through(target: Target, call: CallSite) -> bool:
    """Whether what a function raises comes out of its call: no decorator of unknown kind is around it."""
    if target.function is None or not runs_here(target, call):
        return False
    return all(isinstance(one, Name) and one.id in _PLAIN for one in target.function.facts.decorators)


def _is_tried(step: Step) -> bool:
    """Whether a call stands in a `try`."""
    blocks = step.caller.facts.scope.blocks
    return any(blocks[b].kind == "try" for b in chain(blocks, step.call.block))


def _is_raised(step: Step) -> bool:
    """Whether an error that is made is no argument of another call: `errors.append(NotFound())`."""
    calls = [one.call for one in step.caller.facts.scope.calls if one.call is not step.call.call]
    made = step.call.call
    return not any(made in one.args or any(made == value for _, value in one.keywords) for one in calls)


def _handled(types: Inference) -> list[str] | None:
    """The errors that the applications of a project have handlers for; None where that is not known."""
    if any(not _MIDDLEWARE.isdisjoint(order.names) for order in types.class_orders()):
        return None
    if types.calls_named("middleware"):
        return None
    found: list[str] = []
    for name in ("exception_handler", "add_exception_handler"):
        for site, one in types.calls_named(name):
            given = one.call.args[0] if one.call.args else dict(one.call.keywords).get("exc_class_or_status_code")
            if given is None or isinstance(given, Const):
                continue
            classes = _classes(types.type_of(given, site))
            if not classes:
                return None
            found += classes
    for name in ("FastAPI", "Starlette"):
        for site, one in types.calls_named(name):
            table = dict(one.call.keywords).get("exception_handlers")
            if table is None:
                continue
            if not isinstance(table, Mapping):
                return None
            for key in table.keys:
                classes = _classes(types.type_of(key, site)) if key is not None else []
                if not classes and not isinstance(key, Const):
                    return None
                found += classes
    return found


def _classes(one: Type) -> list[str]:
    if isinstance(one, ClassObject):
        return [one.cls]
    if isinstance(one, Union):
        each = [_classes(item) for item in one.items]
        return [name for names in each for name in names] if all(each) else []
    return []
