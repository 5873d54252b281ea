"""How the `HTTPException`s of a service become errors of its own, which the application turns into the same answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

from ..config import Config
from ..index.facts import Attr, Call, Const, Expr, FileFacts, Name, Pos
from ..index.project import FunctionSymbol
from ..infer import Inference, Site
from ..layers import REPOSITORY, SERVICE, TEST, imported_files, layer_of, layer_of_file
from ..libraries.fastapi import entry
from ..types import ClassObject
from .raising import Errors, base_name
from .routes import status_named

_HTTP = ("starlette.exceptions.HTTPException", "fastapi.HTTPException", "fastapi.exceptions.HTTPException")
_GIVEN = ("status_code", "detail", "headers")
_VAGUE = frozenset("service services repository repositories crud dao manager managers usecases usecase".split())


@dataclass(frozen=True, slots=True)
class Raised:
    """One `HTTPException` that becomes an error of the service."""

    base: str
    """The class that all errors of the service are below of."""
    name: str
    """The error it becomes."""
    status: int
    phrase: str
    """What the answer says where no detail is given; empty where one is."""
    others: tuple[tuple[str, int], ...]
    """(name, status) of all errors of the service, with the first of its places only."""
    members: int


@dataclass(frozen=True, slots=True)
class Answered:
    """An error that the application is to turn into an answer."""

    module: str
    base: str
    members: int


@dataclass(frozen=True, slots=True)
class Move:
    """All that is to change in a project."""

    raised: dict[tuple[str, int, int], Raised]
    """By path, line and column of the call."""
    answered: dict[tuple[str, int, int], tuple[Answered, ...]]
    """By the place of the call that makes the application."""


def moves(types: Inference, config: Config) -> Move:
    """The services whose errors can be made their own, remembered; none where a project handles HTTP errors itself."""
    return types.once(("errors_below.moves", config.origin), lambda: _moves(types, config))


def _moves(types: Inference, config: Config) -> Move:
    app = _application(types)
    if app is None or _handles_itself(types):
        return Move({}, {})
    site, made = app
    found: dict[str, list[tuple[Call, int, int]]] = {}
    for where, one in types.calls_named("HTTPException"):
        if _is_below(types, where, config) and types.type_of(one.call.func, where) in _CLASSES:
            found.setdefault(where.file.path, []).append((one.call, one.pos.line, one.pos.column))
    raised: dict[tuple[str, int, int], Raised] = {}
    answered: list[Answered] = []
    for path, calls in found.items():
        facts = types.project.files[path]
        base = _base(facts)
        statuses = [_status(call) for call, _, _ in calls]
        if None in statuses or base is None or not all(_is_plain(call) for call, _, _ in calls):
            continue
        errors = Errors(base, False, tuple(sorted({one for one in statuses if one is not None})), "")
        names = tuple((errors.name(one), one) for one in errors.statuses)
        if any(name in _taken(facts) for name, _ in names) or site.file.path in _reached(types, facts):
            continue
        for index, (call, line, column) in enumerate(calls):
            status = statuses[index] or 0
            phrase = "" if len(call.args) > 1 or "detail" in dict(call.keywords) else HTTPStatus(status).phrase
            others = names if not index else ()
            raised[path, line, column] = Raised(base, errors.name(status), status, phrase, others, len(calls) + 1)
        answered.append(Answered(facts.module, base, len(calls) + 1))
    place = (site.file.path, made.line, made.column)
    return Move(raised, {place: tuple(answered)} if answered else {})


_CLASSES = tuple(ClassObject(name) for name in _HTTP)


def _application(types: Inference) -> tuple[Site, Pos] | None:
    """Where the one application of a project is made, as a name of its module."""
    found = []
    for site, one in types.calls_named("FastAPI"):
        if layer_of_file(site.file) != TEST and types.type_of(one.call.func, site) == ClassObject("fastapi.FastAPI"):
            found.append((site, one))
    if len(found) != 1 or found[0][0].function is not None or found[0][1].used != "assigned":
        return None
    return found[0][0], found[0][1].pos


def _handles_itself(types: Inference) -> bool:
    """Whether something of the project catches, asks for or answers HTTP errors, which other errors are not."""
    for name in ("exception_handler", "add_exception_handler", "isinstance", "raises", "issubclass"):
        for site, one in types.calls_named(name):
            for given in one.call.args:
                parts = getattr(given, "items", (given,))
                if any(types.type_of(part, site) in _CLASSES for part in parts):
                    return True
    for facts in types.project.files.values():
        # What an `except` without a name catches is not known: any `try` may catch them.
        known = any(one.attr == "HTTPException" for scope in facts.scopes for one in scope.imports)
        if known and any(block.kind == "try" for scope in facts.scopes for block in scope.blocks):
            return True
    return any(key == "exception_handlers" for _, one in types.calls_named("FastAPI") for key, _ in one.call.keywords)


def _is_below(types: Inference, site: Site, config: Config) -> bool:
    if site.function is None:
        return False
    symbol = FunctionSymbol(f"{site.file.module}.{site.function.qualname}", site.file, site.function, (site.function,))
    return layer_of(types, symbol, config) in (SERVICE, REPOSITORY) and entry(types, symbol) is None


def _base(facts: FileFacts) -> str | None:
    """`UsersError` for `app.services.users` and `app.users.service`."""
    for word in reversed(facts.module.split(".")):
        plain = "_".join(part for part in word.split("_") if part not in _VAGUE)
        if plain:
            name = base_name("".join(part.capitalize() for part in plain.split("_")))
            return None if name in _taken(facts) else name
    return None


def _taken(facts: FileFacts) -> frozenset[str]:
    return frozenset([one.name for one in facts.scope.bindings] + [one.name for one in facts.scope.imports])


def _status(call: Call) -> int | None:
    given = call.args[0] if call.args else dict(call.keywords).get("status_code")
    if isinstance(given, Const) and given.kind == "int":
        number = int(given.text)
    else:
        number = status_named(_last(given)) or 0
    return number if 400 <= number < 600 and number in {one.value for one in HTTPStatus} else None


def _is_plain(call: Call) -> bool:
    keys = [key for key, _ in call.keywords]
    return len(call.args) <= len(_GIVEN) and all(key in _GIVEN for key in keys)


def _last(one: Expr | None) -> str:
    return one.attr if isinstance(one, Attr) else one.id if isinstance(one, Name) else ""


def _reached(types: Inference, facts: FileFacts) -> frozenset[str]:
    """The files that a file imports, directly or not."""
    seen: dict[str, None] = {}
    waiting = [facts]
    while waiting:
        for other in _imports(types, waiting.pop()):
            if other.path not in seen:
                seen[other.path] = None
                waiting.append(other)
    return frozenset(seen)


def _imports(types: Inference, facts: FileFacts) -> Iterator[FileFacts]:
    for one in facts.scope.imports:
        yield from imported_files(types, one)
