"""Whether an async route can become a plain `def`, which FastAPI runs in a thread, and what stands in the way."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from trueup.file import File
from trueup.index.facts import Attr, Call, CallSite, Const, Expr, FileFacts, Name, Param
from trueup.index.project import FunctionSymbol
from trueup.infer import Inference, Site
from trueup.infer.reach import Route, Target, routes, targets
from trueup.libraries.blocking import Blocking, blocking_call
from trueup.libraries.blocking.reached import DATABASE, comes_to
from trueup.libraries.dependencies import provider
from trueup.libraries.fastapi import entry, functions_of, route_decorator
from trueup.libraries.loop import LIFESPAN, runs_on_loop
from trueup.model import Place, Safety
from trueup.types import Callee, Foreign, Instance, Type, Unknown

DEPTH = 8
"""The most calls on a way that is looked at."""
ROUTE = "route"
_CHANGING = frozenset("add append appendleft clear discard extend insert pop popitem remove setdefault update".split())
_OF_LOOP = ("asyncio.", "anyio.")
_CONTEXT = ("contextvars.ContextVar.set", "contextvars.ContextVar.reset")
_PATCHING = ("patch", "setattr", "object")
"""How calls are written that put something else in a function's place: `mock.patch`, `monkeypatch.setattr`."""
_SHARED = frozenset({"archive", "process", "tree"})
"""Families of calls that work on what belongs to all requests: files, and whatever a program does."""
_CACHES = frozenset({"functools.cache", "functools.lru_cache"})


class Demotion(NamedTuple):
    """How safely a function can become a plain `def`; why not, or not so safely, and where that stands."""

    safety: Safety
    why: str = ""
    place: Place | None = None
    awaits: bool = False
    """It waits for something itself, so that no `def` can do what it does."""

    @property
    def possible(self) -> bool:
        """Whether a repair can do it."""
        return self.safety is not Safety.MANUAL


def database_ways(types: Inference, function: FunctionSymbol) -> list[Route[Blocking]]:
    """The ways from a function that runs on the loop to sync calls of databases, nearest first."""
    if runs_on_loop(types, function) in (None, LIFESPAN):
        return []
    return routes(
        types,
        function,
        _database,
        through=lambda target, call: target.function is not None,
        along=lambda step: comes_to(types, step),
        depth=DEPTH,
    )


def _database(target: Target, call: CallSite) -> Blocking | None:
    if call.awaited:
        return None
    known = blocking_call(target.name)
    return known if known is not None and known.family in DATABASE else None


def demotion(node: ast.AsyncFunctionDef, file: File, function: FunctionSymbol, ways: list[Route[Blocking]]) -> Demotion:
    """Whether a function that FastAPI runs on the loop can become a plain `def`.

    `ways`: those from it to sync calls of databases, as `database_ways` gives them.
    """
    kind = runs_on_loop(file.types, function)
    facts = function.facts
    awaiting = _awaiting(node) if facts.awaits else []
    if awaiting:
        more = f" and {len(awaiting) - 1} more" if len(awaiting) > 1 else ""
        why = f"it awaits (line {awaiting[0].lineno}{more})"  # type: ignore[attr-defined]
        return Demotion(Safety.MANUAL, why, file.place(awaiting[0], "awaits here"), True)
    if kind != ROUTE:
        article = "an" if (kind or "async")[0] in "aeiou" else "a"
        return Demotion(Safety.MANUAL, f"it is {article} {kind or 'async function'}, and only routes are changed")
    obstacle = _shape(node, file, function) or _needs_loop(node, file, function) or _awaited(file, function)
    if obstacle:
        return Demotion(Safety.MANUAL, *obstacle)
    doubt = (
        _shared_state(node, file, function)
        or _users(file, function)
        or _routers(file, function)
        or _sqlite(file, ways)
        or _files(file, function)
    )
    return Demotion(Safety.UNSAFE, *doubt) if doubt else Demotion(Safety.SAFE)


_Reason = tuple[str, Place | None] | None


def _awaiting(node: ast.AsyncFunctionDef) -> list[ast.AST]:
    kinds = (ast.Await, ast.AsyncFor, ast.AsyncWith)
    found: list[ast.AST] = [n for n in ast.walk(node) if isinstance(n, kinds)]
    comprehensions = [n for n in ast.walk(node) if getattr(n, "generators", None)]
    found += [n for n in comprehensions if any(c.is_async for c in n.generators)]  # type: ignore[attr-defined]
    return sorted(found, key=lambda one: (one.lineno, one.col_offset))  # type: ignore[attr-defined]


# What makes it impossible ---------------------------------------------------------------------------------------------


def _shape(node: ast.AsyncFunctionDef, file: File, function: FunctionSymbol) -> _Reason:
    facts = function.facts
    if facts.owner:
        return "it is a method, and what else calls it is not known", None
    if facts.is_generator:
        return "it is a generator", None
    other = _other_decorator(node, file, function)
    if other is not None:
        return f"`@{file.segment(other)}` (line {other.lineno}) may await it", file.place(other, "may await it")
    for inner in ast.walk(node):
        if isinstance(inner, ast.AsyncFunctionDef) and inner is not node:
            return f"it defines an async function (line {inner.lineno})", file.place(inner, "an async function")
    return None


def _other_decorator(node: ast.AsyncFunctionDef, file: File, function: FunctionSymbol) -> ast.expr | None:
    """A decorator that is not a route's."""
    role = entry(file.types, function)
    if role is not None and role.only_routed:
        return None
    site = file.types.definition_site(function.facts, function.file)
    for one, facts in zip(node.decorator_list, function.facts.decorators, strict=True):
        if route_decorator(file.types, facts, site) is None:
            return one
    return None


def _needs_loop(node: ast.AsyncFunctionDef, file: File, function: FunctionSymbol) -> _Reason:
    """What the function, or a plain function it calls, can only do on the loop."""
    ways = routes(
        file.types,
        function,
        lambda target, call: _on_loop(target, file.types),
        through=lambda target, call: target.function is not None,
        along=lambda step: comes_to(file.types, step),
        depth=DEPTH,
    )
    for way in ways:
        step = way.steps[-1]
        place = Place(step.caller.file.path, step.call.pos.line, step.call.pos.column + 1, way.found)
        if len(way.steps) == 1:
            return f"it {way.found} (line {place.line})", place
        return f"`{short(way.steps[0].target.name)}` {way.found} ({place.path}:{place.line})", place
    if {"asyncio", "anyio"} & set(file.facts.imported):
        for one in file.walk(node):
            if isinstance(one, ast.Name | ast.Attribute) and one.lineno >= node.body[0].lineno:
                name = file.qualname(one)
                if name is not None and name.startswith(_OF_LOOP):
                    return f"it uses `{name}` (line {one.lineno})", file.place(one, f"uses `{name}`")
    return None


def _on_loop(target: Target, types: Inference) -> str | None:
    if target.name.startswith(_OF_LOOP):
        return f"uses `{short(target.name)}`"
    if target.name in _CONTEXT:
        return "sets a context variable"
    known = target.function or types.project.function(target.name)
    if known is not None and known.facts.is_async:
        return f"calls the async `{short(target.name)}`"
    return None


def _awaited(file: File, function: FunctionSymbol) -> _Reason:
    for site, one in file.types.calls_named(function.facts.name):
        if one.awaited and file.types.type_of(one.call.func, site) == Callee(function.qualname):
            where = Place(site.file.path, one.pos.line, one.pos.column + 1, "awaits it")
            return f"{where.path}:{where.line} awaits it", where
    return None


# What makes it doubtful -----------------------------------------------------------------------------------------------


def _shared_state(node: ast.AsyncFunctionDef, file: File, function: FunctionSymbol) -> _Reason:
    for one in file.walk(node):
        if isinstance(one, ast.Global | ast.Nonlocal):
            return f"it changes `{one.names[0]}`, and requests would do so at the same time", file.place(one, "changed")
        for place in _changed(one, file):
            if place.lineno > node.lineno and _is_shared(place, file, function):
                text = file.segment(place)
                return f"it changes `{text}`, and requests would do so at the same time", file.place(place, "changed")
    found = _changes_shared(file.types, function)
    if found is not None:
        name, where = found
        return f"`{name}` changes what requests share ({where.path}:{where.line})", where
    return None


def _changed(node: ast.AST, file: File) -> Iterator[ast.Attribute | ast.Subscript]:
    """What a statement or call changes in place."""
    places: Iterable[ast.expr] = ()
    if isinstance(node, ast.Assign | ast.Delete):
        places = node.targets
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        places = (node.target,)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGING:
        places = (node.func,) if _may_hold(file.type_of(node.func.value)) else ()
    for place in places:
        for one in place.elts if isinstance(place, ast.Tuple | ast.List) else (place,):
            if isinstance(one, ast.Attribute | ast.Subscript):
                yield one


def _may_hold(one: Type) -> bool:
    """Whether something may be a list, a dictionary or the like."""
    return isinstance(one, Unknown) or (isinstance(one, Instance) and one.cls.startswith(("builtins.", "collections.")))


def _is_shared(place: ast.Attribute | ast.Subscript, file: File, function: FunctionSymbol) -> bool:
    """Whether something belongs to more than the one request: a global, `app.state`, what a cached provider gives."""
    root: ast.expr = place
    attributes = []
    while isinstance(root, ast.Attribute | ast.Subscript | ast.Call):
        if isinstance(root, ast.Attribute):
            attributes.append(root.attr)
        root = root.func if isinstance(root, ast.Call) else root.value
    if not isinstance(root, ast.Name):
        return False
    if "app" in attributes and "state" in attributes:
        return True
    param = next((p for p in function.facts.params if p.name == root.id), None)
    if param is not None:
        return _is_shared_param(file.types, param, function)
    return not any(b.name == root.id for b in function.facts.scope.bindings)


def _is_shared_param(types: Inference, param: Param, function: FunctionSymbol) -> bool:
    """Whether a dependency gives a parameter the same object in all requests."""
    given = provider(types, param, function)
    symbol = types.project.function(given) if given is not None else None
    return symbol is not None and _gives_shared(types, symbol)


def _gives_shared(types: Inference, function: FunctionSymbol) -> bool:
    """Whether a dependency gives the same object to all requests: a global one, or one that a cache keeps."""
    site = types.definition_site(function.facts, function.file)
    plain = [types.qualname(d.func if isinstance(d, Call) else d, site) for d in function.facts.decorators]
    if any(name in _CACHES for name in plain):
        return True
    own = {one.name for one in function.facts.scope.bindings if one.how != "global"}
    own |= {one.name for one in function.facts.params}
    # `cls.instance` is as global as `instance`.
    owner = function.facts.params[0].name if function.facts.owner and function.facts.params else ""
    given = [value for value, _, _ in (*function.facts.returned, *function.facts.yielded)]
    return any(
        value.id not in own if isinstance(value, Name) else isinstance(value, Attr) and _root(value) == owner
        for value in given
    )


def _changes_shared(types: Inference, start: FunctionSymbol) -> tuple[str, Place] | None:
    """A function on the way that changes a global, or `self` of an object that is one: its name, and where."""
    given = tuple([p.name for p in start.facts.params if _is_shared_param(types, p, start)])
    waiting: list[tuple[FunctionSymbol, bool]] = [(start, False)]
    seen: set[tuple[str, bool]] = set()
    for _ in range(DEPTH):
        behind: list[tuple[FunctionSymbol, bool]] = []
        for function, shared in waiting:
            for call, reached in targets(types, function):
                for target in reached:
                    callee = target.function
                    if callee is None or callee.facts.is_async:
                        continue
                    globally = _is_shared_object(call.call.func, function, shared, given if function is start else ())
                    key = (callee.qualname, globally and bool(callee.facts.owner))
                    if key in seen:
                        continue
                    seen.add(key)
                    where = _writes(types, callee, key[1])
                    if where is not None:
                        return short(target.name), where
                    behind.append((callee, key[1]))
        waiting = behind
    return None


def _is_shared_object(func: Expr, function: FunctionSymbol, shared: bool, given: tuple[str, ...]) -> bool:
    """Whether the object a method is called on belongs to more than the one request.

    `shared`: whether the `self` of the function that calls does; `given`: its parameters of which that is known.
    """
    name = _root(func)
    if name is None or isinstance(func, Name):
        return False
    facts = function.facts
    if facts.owner and facts.params and facts.params[0].name == name:
        return shared
    return name in given or not _is_own(name, function)


def _root(expr: Expr) -> str | None:
    """The name that `x.y[0].z` begins with."""
    one: Expr | None = expr
    while one is not None and not isinstance(one, Name):
        one = getattr(one, "value", None) or getattr(one, "func", None)
    return one.id if one is not None else None


def _is_own(name: str, function: FunctionSymbol) -> bool:
    """Whether a name is a function's own: a parameter, or bound in it."""
    facts = function.facts
    if any(p.name == name for p in facts.params):
        return True
    bound = [one for one in facts.scope.bindings if one.name == name]
    return bool(bound) and not any(one.how == "global" for one in bound)


def _writes(types: Inference, function: FunctionSymbol, shared: bool) -> Place | None:
    """Where a function changes a global, or its `self` where that is `shared`."""
    facts = function.facts
    path = function.file.path
    own = facts.params[0].name if facts.owner and facts.params else ""
    for one in facts.scope.bindings:
        if one.how == "global":
            return Place(path, one.line, one.column + 1, f"changes `{one.name}`")
    making = facts.name in ("__init__", "__post_init__")
    changed = list(facts.changes)
    for call in facts.scope.calls:
        func = call.call.func
        if isinstance(func, Attr) and func.attr in _CHANGING:
            site = Site(function.file, facts, None, call.block, call.pos.line, call.pos.column)
            if _may_hold(types.type_of(func.value, site)):
                changed.append((func.value, call.pos.line, call.pos.column))
    for place, line, column in changed:
        name = _root(place)
        if name is not None and (shared and not making if name == own else not _is_own(name, function)):
            return Place(path, line, column + 1, f"changes what `{name}` holds")
    if shared and not making:
        owner = next((c for c in function.file.classes if c.qualname == facts.owner), None)
        for field in owner.attributes if owner is not None else ():
            if field.method == facts.qualname:
                return Place(path, field.pos.line, field.pos.column + 1, f"changes `{own}.{field.name}`")
    return None


def _users(file: File, function: FunctionSymbol) -> _Reason:
    """Who else refers to the function, tests too."""
    facts = function.facts
    for one in file.nodes(ast.Name):
        if one.id == facts.name and isinstance(one.ctx, ast.Load) and file.qualname(one) == function.qualname:
            return f"line {one.lineno} refers to it", file.place(one, "refers to it")
    users = file.types.shared(_find_importers)
    where = users.get((file.module, facts.name))
    if where is not None:
        return f"{where.path}:{where.line} imports it", where
    for site, call in file.types.calls_named(facts.name):
        if file.types.type_of(call.call.func, site) == Callee(function.qualname):
            where = Place(site.file.path, call.pos.line, call.pos.column + 1, "calls it")
            return f"{where.path}:{where.line} calls it", where
    module, _, last = file.module.rpartition(".")
    for path, where in file.types.shared(_find_module_users, module, last):
        other = file.types.project.files[path]
        if facts.name in other.attributes and path != file.path:
            return f"{where.path}:{where.line} imports its module and may refer to it", where
    for word in _PATCHING:
        for site, call in file.types.calls_named(word):
            if any(_means(value, function) for value in call.call.args[:2]):
                where = Place(site.file.path, call.pos.line, call.pos.column + 1, "replaces it")
                return f"{where.path}:{where.line} replaces it", where
    return None


def _means(value: object, function: FunctionSymbol) -> bool:
    """Whether a string is the dotted name of a function, from some package above it on."""
    if not isinstance(value, Const) or value.kind != "str":
        return False
    return "." in value.text and f".{function.qualname}".endswith(f".{value.text}")


def _find_importers(types: Inference) -> dict[tuple[str, str], Place]:
    """(module, name) -> the first place that imports it."""
    found: dict[tuple[str, str], Place] = {}
    for facts in types.project.files.values():
        for scope in (facts.scope, *[f.scope for f in facts.functions]):
            for one in scope.imports:
                if one.attr:
                    place = Place(facts.path, one.line, one.column + 1, "imports it")
                    found.setdefault((one.module, one.attr), place)
    return found


def _find_module_users(types: Inference, package: str, name: str) -> tuple[tuple[str, Place], ...]:
    """The files that import a module as a whole, and where."""
    full = f"{package}.{name}" if package else name
    found = []
    for facts in types.project.files.values():
        where = _imports_module(facts, package, name, full)
        if where is not None:
            found.append((facts.path, where))
    return tuple(found)


def _imports_module(facts: FileFacts, package: str, name: str, full: str) -> Place | None:
    for scope in (facts.scope, *[f.scope for f in facts.functions]):
        for one in scope.imports:
            whole = full in (one.module, one.full) and not one.attr
            if whole or (one.module == package and one.attr == name):
                return Place(facts.path, one.line, one.column + 1, "imports its module")
    return None


def _routers(file: File, function: FunctionSymbol) -> _Reason:
    """A router of the project's own, or of a library that is not known, may do more than FastAPI's."""
    site = file.types.definition_site(function.facts, function.file)
    for one in function.facts.decorators:
        method = file.types.type_of(one.func, site) if isinstance(one, Call) else None
        names = functions_of(file.types, method) if method is not None else ()
        if not names or not all(name.startswith(("fastapi.", "starlette.")) for name in names):
            what = short(method.path) if isinstance(method, Foreign) else short(names[0]) if names else "its router"
            return f"`{what}` is no router of FastAPI's own, and may await it", None
    return None


def _sqlite(file: File, ways: list[Route[Blocking]]) -> _Reason:
    for way in ways:
        if way.found.entry.startswith("sqlite3."):
            step = way.steps[-1]
            where = Place(step.caller.file.path, step.call.pos.line, step.call.pos.column + 1, "sqlite3")
            return "a connection of sqlite3 serves only the thread that made it", where
    where_made = file.types.shared(_find_memory_engine) if ways else None
    if where_made is not None:
        text = f"a database in memory ({where_made.path}:{where_made.line}) is another one in each thread"
        return text, where_made
    return None


def _files(file: File, function: FunctionSymbol) -> _Reason:
    """Files and processes are shared by requests, too: what one loop did one after the other could now collide."""

    def wanted(target: Target, call: CallSite) -> str | None:
        by_hand = target.name.startswith("pathlib.Path.write_")
        known = blocking_call(target.name)
        return target.name if by_hand or (known is not None and known.family in _SHARED) else None

    for way in routes(
        file.types,
        function,
        wanted,
        through=lambda target, call: target.function is not None,
        along=lambda step: comes_to(file.types, step),
        depth=DEPTH,
    ):
        step = way.steps[-1]
        where = Place(step.caller.file.path, step.call.pos.line, step.call.pos.column + 1, way.found)
        return f"requests would do `{way.found}` at the same time ({where.path}:{where.line})", where
    return None


def _find_memory_engine(types: Inference) -> Place | None:
    """Where an engine is made whose SQLite database is in memory, and whose pool has a connection for each thread."""
    for name in ("create_engine", "create_async_engine"):
        for site, one in types.calls_named(name):
            url = one.call.args[0] if one.call.args else None
            if _is_test(site) or any(k == "poolclass" for k, _ in one.call.keywords):
                continue
            if isinstance(url, Const) and url.kind == "str" and url.text.startswith("sqlite"):
                path = url.text.partition("://")[2]
                if path in ("", "/") or path.startswith("/:memory:"):
                    return Place(site.file.path, one.pos.line, one.pos.column + 1, "a database in memory")
    return None


def _is_test(site: Site) -> bool:
    return any(part in ("tests", "test", "conftest") for part in site.file.module.split("."))


def short(name: str) -> str:
    """`Session.commit` of `sqlalchemy.orm.Session.commit`, `get_user` of `app.crud.get_user`."""
    parts = name.split(".")
    return ".".join(parts[-2:]) if len(parts) > 1 and parts[-2][:1].isupper() else parts[-1]
