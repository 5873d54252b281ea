"""An `on_event` handler, which FastAPI has deprecated, and which never runs in an application with a `lifespan`.

## Why
`on_event` is deprecated since FastAPI 0.93, and Starlette 1.0 has taken it out. What is worse: `lifespan=` switches all
`on_event` handlers of the same application off, without a word. In a migration that was left half done the connections
are never opened, and nothing says why.

## Example
```python
app = FastAPI()


@app.on_event("startup")
async def connect() -> None: ...
```
Use instead:
```python
@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    await connect()
    yield


app = FastAPI(lifespan=lifespan)


async def connect() -> None: ...
```

## Fix safety
The fix writes a `lifespan` that calls the handlers in the order they were registered in, which is the order FastAPI
calls them in, at the start and at the end alike, and leaves them as plain functions. It is safe where nothing else can
register handlers. Where the application is handed to a function of a library, which may register some, it is unsafe:
those would no longer run. There is none where the application has a `lifespan` already (its handlers do not run today,
and would begin to), where it is not made by one plain call at the top of the module, where handlers stand in other
modules, in functions or branches, take arguments or have other decorators, and where routers have handlers of their
own.

## Limits
Applications and routers whose class is known.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from msgspec import Struct

from trueup.file import File
from trueup.index.facts import Attr, Call, CallSite, Const, FileFacts, Function, Name
from trueup.infer import Inference, Site
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Callee, Instance

_APP = "fastapi.FastAPI"
_ROUTER = "starlette.routing.Router"
_EVENTS = ("startup", "shutdown")
_HARMLESS = ("uvicorn.run", "fastapi.testclient.TestClient", "starlette.testclient.TestClient", "builtins.print")


class Lifespan(Struct, frozen=True):
    """What the application's call becomes: the name of the function, and (handler, whether it is awaited) each."""

    name: str
    startup: tuple[tuple[str, bool], ...]
    shutdown: tuple[tuple[str, bool], ...]


class Plan(Struct, frozen=True):
    """What becomes of one application's handlers."""

    app: str
    functions: tuple[tuple[int, int, str], ...]
    """(line, column, event) of each handler's `def`."""
    lifespan: Lifespan
    ignored: bool
    """The application has a `lifespan`, so that they do not run today."""
    safety: Safety
    why: str
    made: tuple[int, int] = (0, 0)
    """Where the call stands that makes the application."""


def _concerned(facts: FileFacts, types: Inference, config: object) -> bool:
    return "on_event" in facts.called


@rule(
    "TUF104",
    "event-handler",
    on=(ast.FunctionDef, ast.AsyncFunctionDef, ast.Call),
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=("fastapi",),
    versions="fastapi>=0.93",
    triggers=("on_event",),
    where=_concerned,
    url="https://fastapi.tiangolo.com/advanced/events/",
    effort=3,
)
def check(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Call, file: File) -> Iterator[Hit]:
    plans = file.types.once(("event-handler", file.path), lambda: _plans(file))
    for plan in plans:
        group = f"TUF104 {file.module}.{plan.app}" if plan.safety is not Safety.MANUAL else ""
        members = len(plan.functions) + 1 if group else 0
        if isinstance(node, ast.Call):
            if group and (node.lineno, node.col_offset) == plan.made:
                yield Hit(
                    node,
                    f"the handlers of `{plan.app}` belong into a `lifespan` given here: `on_event` is deprecated",
                    clue=plan.lifespan,
                    safety=plan.safety,
                    why=plan.why,
                    group=group,
                    members=members,
                )
            continue
        for line, column, event in plan.functions:
            if (node.lineno, node.col_offset) != (line, column):
                continue
            ignored = (
                f"`{node.name}` never runs: `{plan.app}` has a `lifespan`, which switches its `on_event` handlers off"
            )
            plain = f"`{node.name}` is an `on_event` handler, which is deprecated"
            yield Hit(
                node,
                f"{ignored}; call it there" if plan.ignored else f"{plain}: call it in a `lifespan`",
                clue=event,
                safety=plan.safety,
                why=plan.why,
                group=group,
                members=members,
                severity=Severity.ERROR if plan.ignored else None,
                span=file.header(node),
            )


def _plans(file: File) -> tuple[Plan, ...]:
    types = file.types
    handlers: dict[str, list[tuple[Function, str, str]]] = {}
    for function in file.facts.functions:
        site = types.definition_site(function, file.facts)
        for decorator in function.decorators:
            found = _registered(types, decorator, site)
            if found is not None:
                handlers.setdefault(found[0], []).append((function, found[1], found[2]))
    return tuple(_plan(file, app, each) for app, each in handlers.items())


def _registered(types: Inference, decorator: object, site: Site) -> tuple[str, str, str] | None:
    """(application or router, its class, event) of `@app.on_event("startup")`."""
    if not isinstance(decorator, Call) or not isinstance(decorator.func, Attr) or decorator.func.attr != "on_event":
        return None
    holder = types.type_of(decorator.func.value, site)
    event = decorator.args[0] if decorator.args else dict(decorator.keywords).get("event_type")
    if not isinstance(holder, Instance) or not isinstance(event, Const) or event.text not in _EVENTS:
        return None
    if not types.is_subclass(holder.cls, _APP) and not types.is_subclass(holder.cls, _ROUTER):
        return None
    name = decorator.func.value.id if isinstance(decorator.func.value, Name) else ""
    return name, holder.cls, event.text


def _plan(file: File, app: str, handlers: list[tuple[Function, str, str]]) -> Plan:
    functions = tuple((f.pos.line, f.pos.column, event) for f, _, event in handlers)
    events = {e: tuple((f.name, f.is_async) for f, _, one in handlers if one == e) for e in _EVENTS}
    taken = {b.name for b in file.facts.scope.bindings} | {i.name for i in file.facts.scope.imports}
    name = next(
        one for one in ("lifespan", f"{app}_lifespan", f"run_{app}") if one not in taken or one.startswith("run")
    )
    lifespan = Lifespan(name, events["startup"], events["shutdown"])
    made = [b for b in file.facts.scope.bindings if b.name == app]
    call = made[0].value if len(made) == 1 else None
    if isinstance(call, Call) and any(key == "lifespan" and v != Const("none") for key, v in call.keywords):
        return Plan(app, functions, lifespan, True, Safety.MANUAL, "the handlers would begin to run")
    safety, why = Safety.SAFE, _obstacle(file, app, handlers)
    node = _made(file, app)
    if why or node is None or not isinstance(call, Call):
        return Plan(
            app, functions, lifespan, False, Safety.MANUAL, why or "the application is not made in one plain call"
        )
    stranger = _stranger(file, app)
    if stranger:
        safety, why = Safety.UNSAFE, f"{stranger} may register handlers of its own, which would no longer run"
    return Plan(app, functions, lifespan, False, safety, why, (node.lineno, node.col_offset))


def _made(file: File, app: str) -> ast.Call | None:
    """The call that makes the application, in a plain assignment of the module."""
    for one in file.tree.body:
        target = one.targets[0] if isinstance(one, ast.Assign) and len(one.targets) == 1 else None
        target = one.target if isinstance(one, ast.AnnAssign) else target
        if isinstance(target, ast.Name) and target.id == app and isinstance(one, ast.Assign | ast.AnnAssign):
            call = one.value
            if not isinstance(call, ast.Call) or any(isinstance(a, ast.Starred) for a in call.args):
                return None
            keywords = [k.arg for k in call.keywords]
            return None if None in keywords or {"on_startup", "on_shutdown", "lifespan"} & set(keywords) else call
    return None


def _obstacle(file: File, app: str, handlers: list[tuple[Function, str, str]]) -> str:
    types = file.types
    if not app or not all(types.is_subclass(cls, _APP) for _, cls, _ in handlers):
        return "it is a router's, which runs twice today where the application has no `lifespan`"
    names = [function.name for function, _, _ in handlers]
    for function, _, _ in handlers:
        if function.parent or function.owner:
            return f"`{function.name}` stands in a function or class"
        if len(function.decorators) > 1:
            return f"`{function.name}` has other decorators"
        if function.params or function.is_generator:
            return f"`{function.name}` takes arguments or is a generator"
        if names.count(function.name) > 1 or sum(b.name == function.name for b in file.facts.scope.bindings) != 1:
            return f"the name `{function.name}` is bound more than once"
        if not _is_at_top(file, function):
            return f"`{function.name}` stands in a branch"
    for other in types.project.files.values():
        if other.path != file.path and "on_event" in other.called:
            return f"{other.path} registers handlers too"
        if {"add_event_handler"} & set(other.called) or {"on_startup", "on_shutdown"} & set(other.attributes):
            return f"{other.path} registers handlers in another way"
    if any(
        key in ("on_startup", "on_shutdown") for _, one in types.call_sites(file.facts) for key, _ in one.call.keywords
    ):
        return "handlers are given by `on_startup=` too"
    if sum("on_event" in str(d) for f in file.facts.functions for d in f.decorators) != len(handlers):
        return "other handlers are registered in this module"
    return ""


def _is_at_top(file: File, function: Function) -> bool:
    return any(
        isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and one.name == function.name for one in file.tree.body
    )


def _stranger(file: File, app: str) -> str:
    """A function of a library, or one that is not known, that gets the application."""
    types = file.types
    qualname = f"{file.module}.{app}"
    for site, one in _given_away(types, app):
        given = [*one.call.args, *[value for _, value in one.call.keywords]]
        if not any(isinstance(value, Name | Attr) and types.qualname(value, site) == qualname for value in given):
            continue
        callee = types.type_of(one.call.func, site)
        name = callee.qualname if isinstance(callee, Callee) else getattr(callee, "cls", getattr(callee, "path", ""))
        if name in _HARMLESS:
            continue
        return f"{site.file.path}:{one.pos.line}"
    return ""


def _given_away(types: Inference, app: str) -> Iterator[tuple[Site, CallSite]]:
    """The calls that are passed something by the application's name, or by one it was imported as."""
    for facts in types.project.files.values():
        inside = facts.functions if facts.stands_in_functions(app) else ()
        scopes = (facts.scope, *[one.scope for one in inside], *[one.scope for one in facts.classes])
        names = {app, *[one.name for scope in scopes for one in scope.imports if one.attr == app]}
        if not names.isdisjoint(facts.passed):
            yield from types.call_sites(facts)
