"""Which functions a FastAPI application runs on its event loop, beside those that other functions call."""

from __future__ import annotations

from collections.abc import Iterator

from ..index.facts import Attr, Call, Expr, FileFacts, Mapping, Name, Op, Sub
from ..index.project import FunctionSymbol, VariableSymbol
from ..infer import Inference, Site
from ..types import Callee, ClassObject, Foreign, Instance, Type, Union
from .fastapi import answered_models, applied, calls_written, entries, entry, files_with_entries, functions_of, handed

TASK, STREAM, HANDLER, MIDDLEWARE, LIFESPAN = (
    "background task",
    "stream",
    "exception handler",
    "middleware",
    "start of the application",
)
VALIDATOR, SERIALIZER = "validator", "serializer"
_OF = ("fastapi.", "starlette.")
_STREAMS = frozenset(
    {
        "starlette.responses.StreamingResponse",
        "fastapi.responses.StreamingResponse",
        "sse_starlette.sse.EventSourceResponse",
        "sse_starlette.EventSourceResponse",
    }
)
_BASE = "starlette.middleware.base.BaseHTTPMiddleware"
_HTTP = ("starlette.endpoints.HTTPEndpoint", "route")
_SOCKET = ("starlette.endpoints.WebSocketEndpoint", "websocket")
_ENDPOINTS = {
    **dict.fromkeys("get post put patch delete head options".split(), _HTTP),
    **dict.fromkeys(("on_connect", "on_receive", "on_disconnect"), _SOCKET),
}
"""Method of Starlette's endpoints -> the class that calls it, and as what."""
_VALIDATORS = frozenset(
    f"pydantic.{name}"
    for name in (
        "validator",
        "root_validator",
        "field_validator",
        "model_validator",
        "class_validators.validator",
        "class_validators.root_validator",
        "functional_validators.field_validator",
        "functional_validators.model_validator",
    )
)
_ANNOTATED = frozenset(
    f"pydantic.{prefix}{name}"
    for prefix in ("", "functional_validators.")
    for name in ("AfterValidator", "BeforeValidator", "PlainValidator", "WrapValidator")
)
_SERIALIZERS = frozenset(
    f"pydantic.{name}"
    for name in (
        "computed_field",
        "field_serializer",
        "model_serializer",
        "fields.computed_field",
        "functional_serializers.field_serializer",
        "functional_serializers.model_serializer",
    )
)


def runs_on_loop(types: Inference, function: FunctionSymbol) -> str | None:
    """What a function is that FastAPI runs on the event loop (`route`, `middleware`, ...); None where it runs none.

    Plain functions are among them: validators of a request's body, serializers of an answer, and what is done when the
    application starts.
    """
    key = ("loop", function.qualname, function.facts.pos.line)
    return types.remember(key, lambda: _kind(types, function), None)


def _kind(types: Inference, function: FunctionSymbol) -> str | None:
    facts = function.facts
    site = types.definition_site(facts, function.file)
    for decorator in facts.decorators:
        kind = _decorated(types, decorator, site)
        if kind is not None:
            return kind if facts.is_async or kind == LIFESPAN else None
    if not facts.is_async:
        return _of_model(types, function, site)
    role = entry(types, function)
    if role is not None:
        return role.kind
    named = types.shared(_handed_over).get(function.qualname)
    if named is not None:
        return named
    if facts.owner and facts.name in _ENDPOINTS:
        owner = f"{function.file.module}.{facts.owner}"
        base, kind = _ENDPOINTS[facts.name]
        if types.is_subclass(owner, base):
            return kind
    if facts.owner and facts.name in ("dispatch", "__call__"):
        owner = f"{function.file.module}.{facts.owner}"
        if types.is_subclass(owner, _BASE) if facts.name == "dispatch" else owner in types.shared(_middlewares):
            return MIDDLEWARE
    return None


def _decorated(types: Inference, decorator: Expr, site: Site) -> str | None:
    """`@app.middleware("http")`, `@app.exception_handler(X)`, `@app.on_event("startup")`."""
    if not isinstance(decorator, Call) or not isinstance(decorator.func, Attr):
        return None
    kind = {"middleware": MIDDLEWARE, "exception_handler": HANDLER, "on_event": LIFESPAN}.get(decorator.func.attr)
    return kind if kind is not None and _is_theirs(types.type_of(decorator.func, site)) else None


def _is_theirs(one: Type) -> bool:
    if isinstance(one, Union):
        return bool(one.items) and all(map(_is_theirs, one.items))
    if isinstance(one, Callee):
        return one.qualname.startswith(_OF)
    return isinstance(one, ClassObject) and one.cls.startswith(_OF)


def _handed_over(types: Inference) -> dict[str, str]:
    """The functions that are handed to FastAPI to be run on the loop -> what they are run as."""
    found: dict[str, str] = {}
    for name, kind, position, keywords in (
        ("add_task", TASK, 0, ("func",)),
        ("BackgroundTask", TASK, 0, ("func",)),
        ("add_exception_handler", HANDLER, 1, ("handler",)),
        ("add_event_handler", LIFESPAN, 1, ("func",)),
    ):
        for site, one in calls_written(types, name):
            if _is_theirs(types.type_of(one.call.func, site)):
                for function in handed(types, one.call, site, position, keywords):
                    found.setdefault(function, kind)
    for site, decorator, given in applied(types):
        decorated = _decorated(types, decorator, site)
        if decorated is not None:
            for function in functions_of(types, types.type_of(given, site)):
                found.setdefault(function, decorated)
    for name in ("StreamingResponse", "EventSourceResponse"):
        for site, one in calls_written(types, name):
            if not streams(types, one.call, site):
                continue
            content = one.call.args[0] if one.call.args else dict(one.call.keywords).get("content")
            if isinstance(content, Name) and site.function is not None:
                held = [b.value for b in site.function.scope.bindings if b.name == content.id and b.how == "assign"]
                content = held[0] if len(held) == 1 else None
            if isinstance(content, Call):
                for function in functions_of(types, types.type_of(content.func, site)):
                    found.setdefault(function, STREAM)
    for name in ("FastAPI", "Starlette", "APIRouter"):
        for site, one in calls_written(types, name):
            if not _is_theirs(types.type_of(one.call.func, site)):
                continue
            for function in handed(types, one.call, site, 99, ("lifespan",)):
                found.setdefault(function, LIFESPAN)
            handlers = dict(one.call.keywords).get("exception_handlers")
            if isinstance(handlers, Mapping):
                for value in handlers.values:
                    for function in functions_of(types, types.type_of(value, site)):
                        found.setdefault(function, HANDLER)
    return found


def streams(types: Inference, call: Call, site: Site) -> bool:
    """Whether a call makes a response out of what a generator gives."""
    made = types.type_of(call.func, site)
    if isinstance(made, ClassObject):
        return is_stream(types, made.cls)
    return isinstance(made, Foreign) and made.path in _STREAMS


def is_stream(types: Inference, name: str) -> bool:
    """Whether what has a qualified name is a class of responses made out of what a generator gives."""
    if name in _STREAMS:
        return True
    # Asking each function whether it is a class costs as much as all else together.
    is_class = name.rpartition(".")[2][:1].isupper()
    return is_class and types.is_subclass(name, "starlette.responses.StreamingResponse") is True


def _middlewares(types: Inference) -> frozenset[str]:
    """The classes that stand in `add_middleware(...)` and `Middleware(...)`."""
    found: set[str] = set()
    for name, keywords in (("add_middleware", ("middleware_class",)), ("Middleware", ("cls",))):
        for site, one in calls_written(types, name):
            if not _is_theirs(types.type_of(one.call.func, site)):
                continue
            given = next((v for k, v in one.call.keywords if k in keywords), None)
            given = one.call.args[0] if given is None and one.call.args else given
            cls = types.type_of(given, site) if given is not None else None
            if isinstance(cls, ClassObject):
                found.add(cls.cls)
    return frozenset(found)


def _of_model(types: Inference, function: FunctionSymbol, site: Site) -> str | None:
    """Whether it is a validator of a model that a request brings, or a serializer of one that is answered with."""
    facts = function.facts
    if function.qualname in types.shared(annotated_validators):
        return VALIDATOR
    if not facts.owner or not facts.decorators:
        return None
    plain = [types.qualname(d.func if isinstance(d, Call) else d, site) for d in facts.decorators]
    owner = f"{function.file.module}.{facts.owner}"
    if any(name in _VALIDATORS for name in plain):
        return VALIDATOR if owner in types.shared(_bodies) else None
    if any(name in _SERIALIZERS for name in plain):
        return SERIALIZER if owner in types.shared(_answers) else None
    return None


def annotated_validators(types: Inference) -> frozenset[str]:
    """The functions in `Annotated[str, AfterValidator(check)]` and the like, of what a request brings."""
    found: set[str] = set()
    for cls in types.shared(_bodies):
        symbol = types.project.klass(cls)
        for field in symbol.facts.fields if symbol is not None else ():
            if field.annotation is not None and symbol is not None:
                found.update(_given_in(types, field.annotation, types.class_site(symbol), 4))
    for facts in _importing_files_with_entries(types):
        for route, _ in entries(types, facts):
            site = types.definition_site(route.facts, facts)
            for param in route.facts.params:
                if param.annotation is not None:
                    found.update(_given_in(types, param.annotation, site, 4))
    return frozenset(found)


def _given_in(types: Inference, expr: Expr, site: Site, depth: int) -> Iterator[str]:
    """The functions that validators in an annotation, or in the alias that it is, are made of."""
    if isinstance(expr, Sub):
        for item in expr.items:
            yield from _given_in(types, item, site, depth)
    elif isinstance(expr, Op):
        yield from _given_in(types, expr.left, site, depth)
        yield from _given_in(types, expr.right, site, depth)
    elif isinstance(expr, Call):
        if types.qualname(expr.func, site) in _ANNOTATED:
            given = expr.args[0] if expr.args else dict(expr.keywords).get("func")
            yield from functions_of(types, types.type_of(given, site)) if given is not None else ()
    elif isinstance(expr, Name | Attr) and depth:
        alias = types.symbol_of(expr, site)
        if isinstance(alias, VariableSymbol) and len(alias.bindings) == 1 and alias.bindings[0].value is not None:
            yield from _given_in(types, alias.bindings[0].value, Site(alias.file), depth - 1)


def _bodies(types: Inference) -> frozenset[str]:
    """The models that routes and dependencies take, with those in their fields and above them."""
    taken: list[Type] = []
    for facts in _importing_files_with_entries(types):
        for route, _ in entries(types, facts):
            taken += [types.param_type(p, route.facts, facts) for p in route.facts.params]
    return _closure(types, taken)


def _importing_files_with_entries(types: Inference) -> list[FileFacts]:
    return [facts for facts in files_with_entries(types) if {"fastapi", "starlette"} & set(facts.imported)]


def _answers(types: Inference) -> frozenset[str]:
    """The models that routes answer with, with those in their fields and above them."""
    return _closure(types, [Instance(name) for name in answered_models(types)])


def _closure(types: Inference, waiting: list[Type]) -> frozenset[str]:
    found: dict[str, None] = {}
    while waiting:
        for cls in _models(types, waiting.pop()):
            if cls in found:
                continue
            found[cls] = None
            for name in types.mro(cls).names:
                above = types.project.klass(name)
                if above is None or not types.project.is_own(name):
                    continue
                found.setdefault(name, None)
                site = types.class_site(above)
                waiting += [
                    types.annotation(f.annotation, site) for f in above.facts.fields if f.annotation is not None
                ]
    return frozenset(found)


def _models(types: Inference, one: Type) -> Iterator[str]:
    if isinstance(one, Union):
        for item in one.items:
            yield from _models(types, item)
    elif isinstance(one, Instance):
        if types.project.is_own(one.cls) and types.is_subclass(one.cls, "pydantic.BaseModel"):
            yield one.cls
        for arg in one.args:
            yield from _models(types, arg)
