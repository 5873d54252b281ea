"""How the `HTTPException`s of a service become errors of its own, which the application turns into the same answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from http import HTTPStatus

from msgspec import Struct

from ..config import Config
from ..index.facts import Attr, Call, CallSite, Const, Expr, FileFacts, Function, Name, Pos
from ..index.project import FunctionSymbol
from ..infer import Inference, Site
from ..infer.flow import chain
from ..layers import REPOSITORY, SERVICE, TEST, imported_files, layer_of, layer_of_file
from ..libraries.fastapi import entry
from ..types import Callee, ClassObject, Foreign, Instance, ModuleObject
from .raising import Errors, base_name
from .routes import status_named

_HTTP = ("starlette.exceptions.HTTPException", "fastapi.HTTPException", "fastapi.exceptions.HTTPException")
_GIVEN = ("status_code", "detail", "headers")
_READ = frozenset({"property", "cached_property", "hybrid_property", "setter"})
"""Decorators of methods that are called by reading or setting an attribute."""
_VAGUE = frozenset("service services repository repositories crud dao manager managers usecases usecase".split())


class Raised(Struct, frozen=True):
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


class Answered(Struct, frozen=True):
    """An error that the application is to turn into an answer."""

    module: str
    base: str
    members: int


class Move(Struct, frozen=True):
    """All that is to change in a project."""

    raised: dict[tuple[str, int, int], Raised]
    """By path, line and column of the call."""
    answered: dict[tuple[str, int, int], tuple[Answered, ...]]
    """By the place of the call that makes the application."""
    kept: dict[str, str]
    """Path of a service whose errors stay what they are -> why."""


def moves(types: Inference, config: Config) -> Move:
    """The services whose errors can be made their own, remembered; none where a project handles HTTP errors itself."""
    return types.once(("errors_below.moves", config.origin), lambda: _moves(types, config))


def _moves(types: Inference, config: Config) -> Move:
    found: dict[str, list[tuple[Site, CallSite]]] = {}
    for where, one in types.calls_named("HTTPException"):
        if _is_below(types, where, config) and types.type_of(one.call.func, where) in _CLASSES:
            found.setdefault(where.file.path, []).append((where, one))
    app = _application(types) if found else ""
    against = app if isinstance(app, str) else _handled(types)
    if isinstance(app, str) or against:
        return Move({}, {}, dict.fromkeys(found, against))
    raised: dict[tuple[str, int, int], Raised] = {}
    answered: list[Answered] = []
    kept: dict[str, str] = {}
    for path, sites in found.items():
        facts = types.project.files[path]
        calls = [one for _, one in sites]
        statuses = [_status(one.call) for one in calls]
        base = _base(facts)
        errors = Errors(base, False, tuple(sorted({one for one in statuses if one is not None})), "")
        names = tuple((errors.name(one), one) for one in errors.statuses)
        why = _own_obstacle(facts, calls, [base, *(name for name, _ in names)])
        if not why and app[0].file.path in _reached(types, facts):
            why = f"it imports {app[0].file.path}, which makes the application"
        why = why or _caught(types, sites)
        if why:
            kept[path] = why
            continue
        for index, (one, status) in enumerate(zip(calls, statuses, strict=True)):
            given = len(one.call.args) > 1 or "detail" in dict(one.call.keywords)
            phrase = "" if given else HTTPStatus(status or 0).phrase
            others = names if not index else ()
            name = errors.name(status or 0)
            place = (path, one.pos.line, one.pos.column)
            raised[place] = Raised(base, name, status or 0, phrase, others, len(calls) + 1)
        answered.append(Answered(facts.module, base, len(calls) + 1))
    place = (app[0].file.path, app[1].line, app[1].column)
    return Move(raised, {place: tuple(answered)} if answered else {}, kept)


_CLASSES = tuple(ClassObject(name) for name in _HTTP)


def _application(types: Inference) -> tuple[Site, Pos] | str:
    """Where the one application of a project is made and kept under a name; or why there is none."""
    found = []
    for site, one in types.calls_named("FastAPI"):
        if layer_of_file(site.file) != TEST and types.type_of(one.call.func, site) == ClassObject("fastapi.FastAPI"):
            found.append((site, one))
    if not found:
        return "no application is made in this project"
    places = ", ".join(_place(site, one) for site, one in found)
    if len(found) > 1:
        return f"the project has several applications ({places})"
    if found[0][1].used != "assigned":
        return f"the application is not kept under a name where it is made ({places})"
    return found[0][0], found[0][1].pos


def _handled(types: Inference) -> str:
    """What of the project answers or asks for HTTP errors itself, which other errors are not."""
    for name in ("exception_handler", "add_exception_handler", "isinstance", "raises", "issubclass"):
        for site, one in types.calls_named(name):
            for given in one.call.args:
                parts = getattr(given, "items", (given,))
                if any(types.type_of(part, site) in _CLASSES for part in parts):
                    return f"{_place(site, one)} handles HTTP errors itself, or asks for them"
    for site, one in types.calls_named("FastAPI"):
        if "exception_handlers" in dict(one.call.keywords):
            return f"{_place(site, one)} handles errors itself"
    for facts in types.project.files.values():
        for function in facts.functions if _knows_them(facts) else ():
            # What a route raises goes through the dependencies that wait at a `yield`
            if function.is_generator and any(block.kind == "try" for block in function.scope.blocks):
                return f"the `try` in `{function.qualname}` ({facts.path}:{function.pos.line}) may catch them"
    return ""


def _own_obstacle(facts: FileFacts, calls: Sequence[CallSite], names: Sequence[str]) -> str:
    """What in a service's file stands against making its errors its own."""
    for one in calls:
        if _status(one.call) is None:
            return f"the status in line {one.pos.line} is not written out"
        if not _is_plain(one.call):
            return f"the `HTTPException` in line {one.pos.line} has arguments of its own"
    taken = _taken(facts)
    return next((f"the name `{name}` is taken" for name in names if name in taken), "")


def _caught(types: Inference, sites: Sequence[tuple[Site, CallSite]]) -> str:
    """Which `try` of a file that knows HTTP errors may catch what functions raise: one around a call on the way up."""
    waiting: list[tuple[FileFacts, Function]] = []
    for site, one in sites:
        if _in_try(site, one):
            return f"the `try` around {_place(site, one)} may catch it"
        if site.function is not None and (site.file, site.function) not in waiting:
            waiting.append((site.file, site.function))
    seen = {(facts.path, function.pos) for facts, function in waiting}
    for facts, function in waiting:  # which grows
        symbol = FunctionSymbol(f"{facts.module}.{function.qualname}", facts, function, (function,))
        name = function.owner.rpartition(".")[2] if function.name == "__init__" else function.name
        if (name.startswith("__") and name.endswith("__")) or any(_last(one) in _READ for one in function.decorators):
            return f"`{name}` is called without being named ({facts.path}:{function.pos.line})"
        if types.is_passed(name) and entry(types, symbol) is None:
            return f"`{name}` is handed on as a value somewhere"
        for site, one in types.calls_named(name):
            if not _may_call(types, types.type_of(one.call.func, site), symbol):
                continue
            if _in_try(site, one):
                return f"the `try` around {_place(site, one)} may catch them"
            caller = site.function
            if caller is not None and (site.file.path, caller.pos) not in seen:
                seen.add((site.file.path, caller.pos))
                waiting.append((site.file, caller))
    return ""


def _may_call(types: Inference, callee: object, symbol: FunctionSymbol) -> bool:
    """Whether a call of something may run a function."""
    owner = f"{symbol.file.module}.{symbol.facts.owner}"
    if isinstance(callee, ClassObject):
        return symbol.facts.name == "__init__" and types.is_subclass(callee.cls, owner) is not False
    if isinstance(callee, Callee):
        if callee.qualname == symbol.qualname:
            return True
        base = callee.qualname.rpartition(".")[0]
        return bool(symbol.facts.owner) and types.is_subclass(owner, base) is not False
    return not isinstance(callee, Foreign | Instance | ModuleObject)


def _in_try(site: Site, one: CallSite) -> bool:
    """Whether a call stands in the `try` of a file that knows HTTP errors."""
    scope = site.function.scope if site.function is not None else site.file.scope
    return _knows_them(site.file) and any(scope.blocks[b].kind == "try" for b in chain(scope.blocks, one.block))


def _knows_them(facts: FileFacts) -> bool:
    """Whether a file can name `HTTPException`."""
    return any(
        one.attr == "HTTPException" or (one.module.partition(".")[0] in ("fastapi", "starlette") and not one.attr)
        for scope in facts.scopes
        for one in scope.imports
    )


def _place(site: Site, one: CallSite) -> str:
    return f"{site.file.path}:{one.pos.line}"


def _is_below(types: Inference, site: Site, config: Config) -> bool:
    if site.function is None:
        return False
    symbol = FunctionSymbol(f"{site.file.module}.{site.function.qualname}", site.file, site.function, (site.function,))
    return layer_of(types, symbol, config) in (SERVICE, REPOSITORY) and entry(types, symbol) is None


def _base(facts: FileFacts) -> str:
    """`UsersError` for `app.services.users` and `app.users.service`."""
    for word in reversed(facts.module.split(".")):
        plain = "_".join(part for part in word.split("_") if part not in _VAGUE)
        if plain:
            return base_name("".join(part.capitalize() for part in plain.split("_")))
    return "ServiceError"


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
