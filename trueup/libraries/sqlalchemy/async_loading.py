"""What a query of an async session gives, and what it has loaded of it: reading anything else would need a query."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from ...index.expressions import last_name
from ...index.facts import Attr, Await, Call, Const, Display, Expr, Function, Name, Pos, Star, Sub
from ...index.project import FunctionSymbol
from ...infer import Inference, Site
from ...infer.flow import block_at, reaching
from ...types import Callee, ClassObject, Instance, Type, without_none
from .mapping import mapping, named
from .sessions import ASYNC_SESSIONS

LOADERS = frozenset(
    {
        "contains_eager", "defaultload", "immediateload", "joinedload", "lazyload", "noload", "raiseload",
        "selectinload", "subqueryload",
    }
)  # fmt: skip
"""What says how a relationship is loaded."""
_COLUMNS = frozenset({"defer", "load_only", "undefer", "undefer_group", "with_expression"})
_SAME = frozenset(
    {
        "correlate", "distinct", "execution_options", "filter", "filter_by", "group_by", "having", "join", "limit",
        "offset", "order_by", "outerjoin", "params", "prefix_with", "select_from", "slice", "where",
        "with_for_update",
    }
)  # fmt: skip
"""Methods of a statement that leave what it gives as it is."""
_SELECTS = ("sqlalchemy.select", "sqlalchemy.future.select", "sqlmodel.select", "sqlmodel.sql.expression.select")
_DEPTH = 12

OBJECT, MANY, ROWS = "object", "many", "rows"


class Given(NamedTuple):
    """What an expression gives: objects of a mapped class that a query of an async session loaded."""

    model: str
    kind: str
    """OBJECT (or None), MANY of them (a list, or a result of scalars), or ROWS that hold one each."""
    eager: tuple[str, ...]
    """The relationships that the query says how to load; those of related classes too."""
    session: Expr | None
    """What the query was made with, where that is said in the same function."""
    query: tuple[str, Pos] | None
    """Path and place of the `select(...)`, or of the `get(...)`; None where there are several alike."""
    by_get: bool
    via: tuple[str, ...]
    """The variables it went through."""
    within: tuple[FunctionSymbol, ...] = ()
    """The functions that made the query, where those are others."""


class _Statement(NamedTuple):
    model: str
    eager: tuple[str, ...]
    query: tuple[str, Pos] | None


def given(types: Inference, expr: Expr | None, site: Site, depth: int = 0) -> Given | None:
    """What an expression gives if that certainly comes from a query of an async session; else None."""
    if expr is None or depth > _DEPTH or site.function is None:
        return None
    match expr:
        case Name(id=name):
            return _of_name(types, name, site, depth)
        case Await(value=Call() as call):
            return _awaited(types, call, site, depth)
        case Call(func=Attr(value=of, attr=method), args=args):
            if method in ("get", "pop") and args:
                return None
            return _of_result(given(types, of, site, depth + 1), method)
        case Sub(value=value, items=(Const(kind="int"),)):
            found = given(types, value, site, depth + 1)
            return found._replace(kind=OBJECT) if found is not None and found.kind == MANY else None
    return None


def _of_name(types: Inference, name: str, site: Site, depth: int) -> Given | None:
    assert site.function is not None
    scope = site.function.scope
    bound = types.project.names(scope).bindings.get(name, [])
    reach = reaching(bound, scope.blocks, site.block, site.line, site.column)
    if not reach.certain or len(reach.bindings) != 1:
        return None
    [one] = reach.bindings
    if one.how == "narrow":
        # `isinstance(...)` of what it was before.
        return None
    if one.unpack or one.value is None:
        return None
    there = Site(site.file, site.function, None, one.block, one.line, one.column)
    if one.how in ("assign", "annotate", "walrus"):
        found = given(types, one.value, there, depth + 1)
    elif one.how in ("for", "async-for"):
        found = given(types, one.value, there, depth + 1)
        found = found._replace(kind=OBJECT) if found is not None and found.kind == MANY else None
    else:
        return None
    return found._replace(via=(*found.via, name)) if found is not None else None


def _of_result(of: Given | None, method: str) -> Given | None:
    """What a method gives of a result."""
    if of is None or of.kind == OBJECT:
        return None
    if method == "unique":
        return of
    if of.kind == ROWS:
        if method == "scalars":
            return of._replace(kind=MANY)
        return of._replace(kind=OBJECT) if method in ("scalar", "scalar_one", "scalar_one_or_none") else None
    if method in ("first", "one", "one_or_none"):
        return of._replace(kind=OBJECT)
    return of if method in ("all", "fetchall", "yield_per") else None


def _awaited(types: Inference, call: Call, site: Site, depth: int) -> Given | None:
    callee = types.type_of(call.func, site)
    if not isinstance(callee, Callee):
        return None
    if callee.receiver is not None and isinstance(call.func, Attr) and is_async_session(types, callee.receiver):
        return _asked(types, call, call.func, site, depth)
    if not isinstance(call.func, Name | Attr):
        return None
    return _returned(types, callee.qualname, depth)


def is_async_session(types: Inference, one: Type) -> bool:
    """Whether something is certainly an async session."""
    one = without_none(one)
    return isinstance(one, Instance) and any(types.is_subclass(one.cls, base) for base in ASYNC_SESSIONS)


def _asked(types: Inference, call: Call, func: Attr, site: Site, depth: int) -> Given | None:
    """What a method of the session gives, once it is awaited."""
    method, keywords = func.attr, dict(call.keywords)
    if not call.args or isinstance(call.args[0], Star) or "**" in keywords:
        return None
    if method in ("get", "get_one"):
        model = _mapped(types, call.args[0], site)
        names = _names(types, keywords.get("options"), site)
        if not model or names is None:
            return None
        return Given(model, OBJECT, names, func.value, _place(site, call), True, ())
    kind = {"scalar": OBJECT, "scalars": MANY, "stream_scalars": MANY, "execute": ROWS, "stream": ROWS}.get(method)
    if method == "exec":
        kind = MANY
    if kind is None:
        return None
    statement = _statement(types, call.args[0], site, depth + 1)
    if statement is None:
        return None
    return Given(statement.model, kind, statement.eager, func.value, statement.query, False, ())


def _returned(types: Inference, qualname: str, depth: int) -> Given | None:
    """What a coroutine of the project returns, if all that it returns comes from one query."""
    function = types.project.function(qualname)
    if function is None or function.file.path not in types.project.files or depth > _DEPTH:
        return None
    facts = function.facts
    if not facts.is_async or facts.is_generator or facts.decorators or len(function.overloads) > 1:
        return None
    key = ("async loading", qualname, facts.pos.line)
    return types.remember(key, lambda: _all_returned(types, function), None)


def _all_returned(types: Inference, function: FunctionSymbol) -> Given | None:
    found: list[Given] = []
    for value, line, column in function.facts.returned:
        if value == Const("none"):
            continue
        block = block_at(function.facts.scope.blocks, line, column)
        one = given(types, value, Site(function.file, function.facts, None, block, line, column))
        if one is None:
            return None
        found.append(one)
    if not found or len({(one.model, one.kind) for one in found}) > 1:
        return None
    first = found[0]
    eager = tuple(dict.fromkeys([name for one in found for name in one.eager]))
    query = first.query if len({one.query for one in found}) == 1 else None
    within = (*first.within, function)
    return Given(first.model, first.kind, eager, None, query, first.by_get, (), within)


# Statements


def _statement(types: Inference, expr: Expr, site: Site, depth: int) -> _Statement | None:
    if depth > _DEPTH or site.function is None:
        return None
    if isinstance(expr, Name):
        scope = site.function.scope
        bound = types.project.names(scope).bindings.get(expr.id, [])
        reach = reaching(bound, scope.blocks, site.block, site.line, site.column)
        if not reach.certain or not reach.bindings:
            return None
        parts: list[_Statement] = []
        for one in reach.bindings:
            if one.how not in ("assign", "annotate") or one.unpack or one.value is None:
                return None
            there = Site(site.file, site.function, None, one.block, one.line, one.column)
            part = _statement(types, one.value, there, depth + 1)
            if part is None:
                return None
            parts.append(part)
        if len({part.model for part in parts}) != 1:
            return None
        eager = tuple(dict.fromkeys([name for part in parts for name in part.eager]))
        query = parts[0].query if len({part.query for part in parts}) == 1 else None
        return _Statement(parts[0].model, eager, query)
    if not isinstance(expr, Call):
        return None
    if isinstance(expr.func, Attr) and expr.func.attr in (*_SAME, "options"):
        inner = _statement(types, expr.func.value, site, depth + 1)
        if inner is None or expr.func.attr != "options":
            return inner
        names: tuple[str, ...] | None = ()
        for arg in expr.args:
            more = _names(types, arg, site)
            names = None if more is None or names is None else (*names, *more)
        return inner._replace(eager=(*inner.eager, *names)) if names is not None and not expr.keywords else None
    if named(types, expr.func, site) in _SELECTS and len(expr.args) == 1 and not expr.keywords:
        model = _mapped(types, expr.args[0], site)
        return _Statement(model, (), _place(site, expr)) if model else None
    return None


def _mapped(types: Inference, expr: Expr, site: Site) -> str:
    found = types.type_of(expr, site)
    where = mapping(types)
    if isinstance(found, ClassObject) and (where.is_declarative(found.cls) or where.is_sqlmodel(found.cls)):
        return found.cls
    return ""


def _place(site: Site, call: Call) -> tuple[str, Pos] | None:
    assert site.function is not None
    found = [one.pos for one in site.function.scope.calls if one.call == call]
    return (site.file.path, found[0]) if len(found) == 1 else None


def _names(types: Inference, expr: Expr | None, site: Site) -> tuple[str, ...] | None:
    """The relationships that loader options name; None where that cannot be told."""
    match expr:
        case None:
            return ()
        case Display(items=items):
            found: list[str] = []
            for item in items:
                names = _names(types, item, site)
                if names is None:
                    return None
                found += names
            return tuple(found)
        case Call(func=Name() | Attr() as func, args=args):
            last = last_name(func)
            inner: tuple[str, ...] | None = ()
            if isinstance(func, Attr) and isinstance(func.value, Call):
                inner = _names(types, func.value, site)
            elif not named(types, func, site).startswith("sqlalchemy.orm"):
                return None
            if inner is None or last not in {*LOADERS, *_COLUMNS, "Load", "options"}:
                return None
            for arg in args:
                if last == "options":
                    names = _names(types, arg, site)
                    if names is None:
                        return None
                    inner = (*inner, *names)
                elif last in LOADERS:
                    if not isinstance(arg, Attr):
                        return None
                    inner = (*inner, arg.attr)
            return inner
    return None


def awaited_names(function: Function) -> frozenset[str]:
    """The variables of a function that may hold what something awaited gave: a look without any types."""
    found: set[str] = set()
    grew = True
    while grew:
        grew = False
        for one in function.scope.bindings:
            if one.name not in found and one.value is not None and may_be_awaited(one.value, found):
                found.add(one.name)
                grew = True
    return frozenset(found)


def may_be_awaited(expr: Expr, names: Collection[str]) -> bool:
    """Whether an expression is made of something awaited, written out or held by one of some variables."""
    match expr:
        case Await():
            return True
        case Name(id=name):
            return name in names
        case Call(func=Attr(value=of)) | Sub(value=of):
            return may_be_awaited(of, names)
    return False


def mentions(function: Function) -> frozenset[str]:
    """The names that a function's calls have in texts and in loaders: what it may see to that it is loaded."""
    found: set[str] = set()
    for one in function.scope.calls:
        found.update(_mentioned(one.call))
    return frozenset(found)


def _mentioned(call: Call) -> Iterator[str]:
    loads = isinstance(call.func, Name | Attr) and last_name(call.func) in LOADERS
    for arg in (*call.args, *[value for _, value in call.keywords]):
        for one in arg.items if isinstance(arg, Display) else (arg,):
            if isinstance(one, Const) and one.kind == "str":
                yield one.text
            elif isinstance(one, Attr) and loads:
                yield one.attr
