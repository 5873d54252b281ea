"""What a route changes that does not belong to the one request: globals, the application's state, kept objects."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from trueup.file import File
from trueup.index.expressions import expression
from trueup.index.facts import Attr, Call, Expr, Name, Param, Sub
from trueup.index.project import FunctionSymbol
from trueup.infer import Inference, Site
from trueup.infer.reach import targets
from trueup.libraries.dependencies import provider
from trueup.model import Place
from trueup.types import Callee, ClassObject, Instance, ModuleObject, Type, Unknown

from .naming import short

DEPTH = 8
"""The most calls on a way that is looked at."""
_CHANGING = frozenset("add append appendleft clear discard extend insert pop popitem remove setdefault update".split())
_GIVING = ("get", "setdefault", "values", "items")
"""Methods of containers that give what these hold."""
_CACHES = frozenset({"functools.cache", "functools.lru_cache"})


def shared_state(node: ast.AsyncFunctionDef, file: File, function: FunctionSymbol) -> tuple[str, Place] | None:
    """What a route, or what it calls, changes of that, in words, and where; None where nothing is known to be."""
    for one in file.walk(node):
        if isinstance(one, ast.Global | ast.Nonlocal):
            return f"it changes `{one.names[0]}`, and requests would do so at the same time", file.place(one, "changed")
        for place in _changed(one, file):
            if place.lineno > node.lineno and _is_shared(expression(place), file.types, function):
                text = file.segment(place.value if isinstance(file.parent(place), ast.Call) else place)
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


def _is_shared(expr: Expr, types: Inference, function: FunctionSymbol, depth: int = 3) -> bool:
    """Whether something belongs to more than the one request: a global, `app.state`, what a cached provider gives."""
    root: Expr | None = expr
    attributes = []
    while root is not None and not isinstance(root, Name):
        if isinstance(root, Attr):
            attributes.append(root.attr)
        if isinstance(root, Call) and not (isinstance(root.func, Attr) and root.func.attr in _GIVING):
            return False
        root = getattr(root, "value", None) or getattr(root, "func", None)
    if root is None:
        return False
    if "app" in attributes and "state" in attributes:
        return True
    param = next((p for p in function.facts.params if p.name == root.id), None)
    if param is not None:
        return _is_shared_param(types, param, function)
    bound = [b for b in function.facts.scope.bindings if b.name == root.id]
    if not bound or any(b.how == "global" for b in bound):
        site = Site(function.file, function.facts)
        return not isinstance(types.type_of(root, site), ModuleObject)
    # `tools = request.app.state.tools`: another name for it.
    values = [b.value for b in bound if b.how in ("assign", "annotate", "for") and b.value is not None]
    return depth > 0 and any(_is_shared(value, types, function, depth - 1) for value in values)


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
                    within = given if function is start else None
                    globally = not isinstance(call.call.func, Name) and _is_shared_object(
                        types, call.call.func, function, shared, within
                    )
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


def _is_shared_object(
    types: Inference,
    expr: Expr,
    function: FunctionSymbol,
    shared: bool,
    given: tuple[str, ...] | None,
    depth: int = 3,
) -> bool:
    """Whether an object, or what it was made with, belongs to more than the one request.

    `shared`: whether the `self` of the function does; `given`: its parameters of which that is known, where it is the
    route itself, of which what stands around it is shared by all requests.
    """
    one = expr
    while isinstance(one, Attr | Sub):
        one = one.value
    facts = function.facts
    if isinstance(one, Call):
        made = types.type_of(one.func, Site(function.file, facts))
        if isinstance(made, Callee):
            giving = types.project.function(made.qualname)
            return giving is not None and _gives_shared(types, giving)
        parts = (*one.args, *[value for _, value in one.keywords]) if isinstance(made, ClassObject) else ()
        return depth > 0 and any(
            _is_object(types, part, function) and _is_shared_object(types, part, function, shared, given, depth - 1)
            for part in parts
        )
    if not isinstance(one, Name):
        return False
    if facts.owner and facts.params and facts.params[0].name == one.id:
        return shared
    if any(p.name == one.id for p in facts.params):
        return one.id in (given or ())
    bound = [b for b in facts.scope.bindings if b.name == one.id]
    if not bound or any(b.how == "global" for b in bound):
        return given is not None or one.id not in _around(function)
    values = [b.value for b in bound if b.how in ("assign", "annotate") and b.value is not None]
    return depth > 0 and any(_is_shared_object(types, v, function, shared, given, depth - 1) for v in values)


def _is_object(types: Inference, expr: Expr, function: FunctionSymbol) -> bool:
    """Whether an expression is an object of one of the project's classes."""
    of = types.type_of(expr, Site(function.file, function.facts)) if isinstance(expr, Name | Attr) else None
    return isinstance(of, Instance) and types.project.is_own(of.cls)


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
    if any(one.how == "global" for one in bound):
        return False
    return bool(bound) or name in _around(function)


def _around(function: FunctionSymbol) -> set[str]:
    """The names of the functions that a function stands in."""
    parents = {f.qualname: f for f in function.file.functions}
    found: set[str] = set()
    above = parents.get(function.facts.parent)
    while above is not None:
        found |= {p.name for p in above.params} | {b.name for b in above.scope.bindings}
        above = parents.get(above.parent)
    return found


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
