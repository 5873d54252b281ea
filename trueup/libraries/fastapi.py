"""What FastAPI runs, and where: routes, dependencies, and which of them share the event loop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..index.facts import Attr, Call, Expr, FileFacts, Name
from ..index.project import FunctionSymbol
from ..infer import Inference, Site
from ..infer.annotated import DEPENDS
from ..types import Callee, Instance, Type, Union

_HTTP = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "trace", "api_route", "route"})
_SOCKET = frozenset({"websocket", "websocket_route"})
_ROUTERS = ("fastapi.", "starlette.")


@dataclass(frozen=True, slots=True)
class Entry:
    """A function that FastAPI calls by itself: `kind` is route, websocket or dependency."""

    kind: str
    only_routed: bool
    """Every decorator it has is a route's."""


def route_decorator(types: Inference, decorator: Expr, site: Site) -> str | None:
    """`get`, `websocket`, ... where a decorator is a call of a router's or application's method of that name."""
    if not isinstance(decorator, Call) or not isinstance(decorator.func, Attr):
        return None
    if decorator.func.attr not in _HTTP | _SOCKET:
        return None
    found = types.type_of(decorator.func, site)
    if isinstance(found, Callee) and (found.qualname.startswith(_ROUTERS) or _is_router(types, found)):
        return decorator.func.attr
    return None


def may_route(facts: FileFacts) -> bool:
    """Whether a function of a file has a decorator that is written like a route's."""
    return any(
        isinstance(one, Call) and isinstance(one.func, Attr) and one.func.attr in _HTTP | _SOCKET
        for function in facts.functions
        for one in function.decorators
    )


def _is_router(types: Inference, method: Callee) -> bool:
    """Whether a method is one of a project's own kind of router, which overrides FastAPI's."""
    return method.receiver is not None and any(
        types.is_subclass(method.receiver.cls, base) for base in ("fastapi.APIRouter", "fastapi.FastAPI")
    )


def entry(types: Inference, function: FunctionSymbol) -> Entry | None:
    """What FastAPI calls a function as; None where it does not, as far as can be seen."""
    key = ("fastapi.entry", function.qualname, function.facts.pos.line)
    return types.remember(key, lambda: _entry(types, function), None)


def entries(types: Inference, facts: FileFacts) -> Iterator[tuple[FunctionSymbol, Entry]]:
    """The functions of a file that FastAPI calls by itself."""
    for function in facts.functions:
        symbol = FunctionSymbol(f"{facts.module}.{function.qualname}", facts, function, (function,))
        role = entry(types, symbol)
        if role is not None:
            yield symbol, role


def _entry(types: Inference, function: FunctionSymbol) -> Entry | None:
    site = types.definition_site(function.facts, function.file)
    kinds = [route_decorator(types, d, site) for d in function.facts.decorators]
    routed = [k for k in kinds if k is not None]
    if routed:
        kind = "websocket" if any(k in _SOCKET for k in routed) else "route"
        return Entry(kind, len(routed) == len(kinds))
    added = _named(types, "add_api_route") | _named(types, "add_route")
    if function.qualname in added:
        return Entry("route", False)
    if function.qualname in _named(types, "add_api_websocket_route"):
        return Entry("websocket", False)
    if function.qualname in dependencies(types):
        return Entry("dependency", False)
    return None


def _named(types: Inference, method: str) -> frozenset[str]:
    """The functions that are handed to a router's method by calling it."""
    return types.remember(("fastapi.added", method), lambda: _find_added(types, method), frozenset())


def _find_added(types: Inference, method: str) -> frozenset[str]:
    found: set[str] = set()
    for site, one in types.calls_named(method):
        callee = types.type_of(one.call.func, site)
        if isinstance(callee, Callee) and callee.qualname.startswith(_ROUTERS):
            endpoint = next((v for k, v in one.call.keywords if k in ("endpoint", "route")), None)
            if endpoint is None and len(one.call.args) > 1:
                endpoint = one.call.args[1]
            if endpoint is not None:
                found |= _functions(types.type_of(endpoint, site))
    return frozenset(found)


def dependencies(types: Inference) -> frozenset[str]:
    """The qualified names of all functions that stand in a `Depends(...)` anywhere in the project."""
    return types.remember(("fastapi.dependencies",), lambda: _find_dependencies(types), frozenset())


def _find_dependencies(types: Inference) -> frozenset[str]:
    found: set[str] = set()
    for name in ("Depends", "Security"):
        for site, one in types.calls_named(name):
            if types.qualname(one.call.func, site) not in DEPENDS:
                continue
            provider = one.call.args[0] if one.call.args else dict(one.call.keywords).get("dependency")
            if isinstance(provider, Name | Attr | Call):
                found |= _functions(types.type_of(provider, site))
    return frozenset(found)


def _functions(one: Type) -> set[str]:
    if isinstance(one, Callee):
        return {one.qualname}
    if isinstance(one, Union):
        return {name for item in one.items for name in _functions(item)}
    return set()


def answered_models(types: Inference) -> tuple[str, ...]:
    """The classes that routes answer with, alone or in a container: by `response_model`, or else by annotation."""
    found: dict[str, None] = {}
    for facts in types.project.files.values():
        if not {"fastapi", "starlette"} & set(facts.imported) and not any(f.decorators for f in facts.functions):
            continue
        for function in facts.functions:
            site = types.definition_site(function, facts)
            for decorator in function.decorators:
                if not isinstance(decorator, Call) or route_decorator(types, decorator, site) is None:
                    continue
                said = dict(decorator.keywords).get("response_model", function.returns)
                if said is not None:
                    for name in _classes(types.annotation(said, site)):
                        found[name] = None
    return tuple(found)


def _classes(one: Type) -> list[str]:
    if isinstance(one, Union):
        return [name for item in one.items for name in _classes(item)]
    if isinstance(one, Instance):
        return [one.cls, *(name for arg in one.args for name in _classes(arg))]
    return []
