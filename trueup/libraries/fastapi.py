"""What FastAPI runs, and where: routes, dependencies, and which of them share the event loop."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from ..index.facts import Attr, Call, CallSite, Expr, FileFacts
from ..index.project import FunctionSymbol
from ..infer import Inference, Site
from ..infer.annotated import DEPENDS
from ..types import Callee, ClassObject, Foreign, Instance, Type, Union, short

_HTTP = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "trace", "api_route", "route"})
_SOCKET = frozenset({"websocket", "websocket_route"})
_ROUTERS = ("fastapi.", "starlette.")
_OTHER_ROUTERS = (
    "fastapi_restful.inferring_router.InferringRouter().",
    "fastapi_utils.inferring_router.InferringRouter().",
)
"""Routers of libraries that are built on FastAPI's, as they look where the library is not installed."""
_ADDING = (
    ("add_api_route", "route", 1),
    ("add_route", "route", 1),
    ("add_api_websocket_route", "websocket", 1),
    ("add_websocket_route", "websocket", 1),
    ("Route", "route", 1),
    ("APIRoute", "route", 1),
    ("WebSocketRoute", "websocket", 1),
    ("APIWebSocketRoute", "websocket", 1),
)
"""Calls that make a function a route: the name, what it becomes, which argument it is."""
_PARTIAL = "functools.partial"


class Entry(Struct, frozen=True):
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
    return decorator.func.attr if routes_with(types, types.type_of(decorator.func, site)) else None


def routes_with(types: Inference, method: Type) -> bool:
    """Whether something is a method of a router or application, FastAPI's or one of the project's own kinds."""
    if isinstance(method, Union):
        return bool(method.items) and all(routes_with(types, item) for item in method.items)
    if isinstance(method, Foreign):
        return method.path.startswith(_OTHER_ROUTERS)
    return isinstance(method, Callee) and (method.qualname.startswith(_ROUTERS) or _is_router(types, method))


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
    if not function.facts.decorators:
        return _without_decorators(types, function)
    key = ("fastapi.entry", function.qualname, function.facts.pos.line)
    return types.remember(key, lambda: _entry(types, function), None)


def entries(types: Inference, facts: FileFacts) -> tuple[tuple[FunctionSymbol, Entry], ...]:
    """The functions of a file that FastAPI calls by itself."""
    return types.remember(("fastapi.entries", facts.path), lambda: _entries(types, facts), ())


def files_with_entries(types: Inference) -> list[FileFacts]:
    """The project's files that have such functions, by path."""
    return [types.project.files[path] for path in types.shared(_paths_with_entries)]


def _paths_with_entries(types: Inference) -> tuple[str, ...]:
    return tuple(types.by_file(_has_entries))


def _has_entries(types: Inference, path: str) -> bool:
    return bool(entries(types, types.project.files[path]))


def _entries(types: Inference, facts: FileFacts) -> tuple[tuple[FunctionSymbol, Entry], ...]:
    found = []
    elsewhere = types.shared(_called_from_elsewhere)
    for function in facts.functions:
        qualname = f"{facts.module}.{function.qualname}"
        if function.decorators or qualname in elsewhere:
            symbol = FunctionSymbol(qualname, facts, function, (function,))
            role = entry(types, symbol)
            if role is not None:
                found.append((symbol, role))
    return tuple(found)


def _entry(types: Inference, function: FunctionSymbol) -> Entry | None:
    site = types.definition_site(function.facts, function.file)
    kinds = [route_decorator(types, d, site) for d in function.facts.decorators]
    routed = [k for k in kinds if k is not None]
    if routed:
        kind = "websocket" if any(k in _SOCKET for k in routed) else "route"
        return Entry(kind, len(routed) == len(kinds))
    return _without_decorators(types, function)


def _without_decorators(types: Inference, function: FunctionSymbol) -> Entry | None:
    """What a function is called as because of what stands elsewhere."""
    added = types.shared(_find_added).get(function.qualname)
    if added is not None:
        return Entry(added, False)
    if function.qualname in dependencies(types):
        return Entry("dependency", False)
    return None


def _called_from_elsewhere(types: Inference) -> frozenset[str]:
    return dependencies(types).union(types.shared(_find_added))


def _find_added(types: Inference) -> dict[str, str]:
    """The functions that a call makes routes -> what they become."""
    found: dict[str, str] = {}
    for name, kind, position in _ADDING:
        for site, one in calls_written(types, name):
            callee = types.type_of(one.call.func, site)
            known = isinstance(callee, ClassObject) and callee.cls.startswith(_ROUTERS)
            if not known and not routes_with(types, callee):
                continue
            for function in handed(types, one.call, site, position, ("endpoint", "route")):
                found.setdefault(function, kind)
    for site, decorator, given in applied(types):
        method = route_decorator(types, decorator, site)
        if method is not None:
            for name in functions_of(types, types.type_of(given, site)):
                found.setdefault(name, "websocket" if method in _SOCKET else "route")
    return found


def applied(types: Inference) -> Iterator[tuple[Site, Call, Expr]]:
    """Decorators that are called like functions, `app.get("/x")(handler)`: where, the decorator, what it decorates."""
    for facts in types.files_importing("fastapi", "starlette"):
        for site, one in types.call_sites(facts):
            decorator = one.call.func
            if isinstance(decorator, Call) and isinstance(decorator.func, Attr) and len(one.call.args) == 1:
                yield site, decorator, one.call.args[0]


def calls_written(types: Inference, name: str) -> Iterator[tuple[Site, CallSite]]:
    """The project's calls of something imported, or defined, as `name`, by whatever other name a file calls it."""
    for spelling in (name, *types.shared(_other_names).get(name, ())):
        yield from types.calls_named(spelling)


def _other_names(types: Inference) -> dict[str, tuple[str, ...]]:
    """What is imported from FastAPI and Starlette under another name: `D` for `Depends`, say."""
    found: dict[str, tuple[str, ...]] = {}
    for facts in types.files_importing("fastapi", "starlette"):
        for scope in (facts.scope, *[f.scope for f in facts.functions]):
            for one in scope.imports:
                if one.attr and one.name != one.attr and one.module.partition(".")[0] in ("fastapi", "starlette"):
                    found[one.attr] = tuple(dict.fromkeys((*found.get(one.attr, ()), one.name)))
    return found


def handed(types: Inference, call: Call, site: Site, position: int, keywords: tuple[str, ...]) -> tuple[str, ...]:
    """The functions an argument of a call stands for: itself, an object's `__call__`, what a `partial` holds."""
    value = next((v for k, v in call.keywords if k in keywords), None)
    if value is None and len(call.args) > position:
        value = call.args[position]
    if value is None:
        return ()
    if isinstance(value, Call) and value.args and types.qualname(value.func, site) == _PARTIAL:
        value = value.args[0]
    return functions_of(types, types.type_of(value, site))


def functions_of(types: Inference, one: Type) -> tuple[str, ...]:
    """The qualified names of the functions that run when something is called."""
    if isinstance(one, Callee):
        return (one.qualname,)
    if isinstance(one, Union):
        return tuple([name for item in one.items for name in functions_of(types, item)])
    if isinstance(one, Instance):
        member = types.member(one.cls, "__call__")
        if member is not None and member.function is not None:
            return (member.function.qualname,)
    return ()


def dependencies(types: Inference) -> frozenset[str]:
    """The qualified names of all functions that stand in a `Depends(...)` anywhere in the project."""
    return types.shared(_find_dependencies)


def _find_dependencies(types: Inference) -> frozenset[str]:
    found: set[str] = set()
    for name in ("Depends", "Security"):
        for site, one in calls_written(types, name):
            if types.qualname(one.call.func, site) in DEPENDS:
                found.update(handed(types, one.call, site, 0, ("dependency",)))
    return frozenset(found)


def answered_models(types: Inference) -> tuple[str, ...]:
    """The classes that routes answer with, alone or in a container: by `response_model`, or else by annotation."""
    return types.shared(_answered_models)


def _answered_models(types: Inference) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for facts in files_with_entries(types):
        for route, _ in entries(types, facts):
            site = types.definition_site(route.facts, route.file)
            for decorator in route.facts.decorators:
                if not isinstance(decorator, Call) or route_decorator(types, decorator, site) is None:
                    continue
                said = dict(decorator.keywords).get("response_model", route.facts.returns)
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


_HTTP_ERROR = "starlette.exceptions.HTTPException"


def speaks_of_http_errors(facts: FileFacts, types: Inference) -> bool:
    """Whether a file imports or calls an `HTTPException`, or a class of the project that inherits from it."""
    names = types.shared(_http_errors)
    return not names.isdisjoint(facts.called) or any(one.attr in names for one in facts.scope.imports)


def _http_errors(types: Inference) -> frozenset[str]:
    below = (short(order.names[0]) for order in types.class_orders() if _HTTP_ERROR in order.names)
    return frozenset({"HTTPException", *below})
