"""One `AsyncSession`, or connection, that several tasks of a `gather` or `TaskGroup` work with at the same time.

## Why
A session has one connection and one transaction, and is made for one task. On a fresh session `gather` raises
`InvalidRequestError: This session is provisioning a new connection`; while another task flushes or commits it raises
too. Where it works, because the connection was there already, it is no faster: queries of one connection wait for
each other. Two queries of 0.3 s took 0.6 s, together or one behind the other.

## Example
```python
users, orders = await asyncio.gather(db.scalars(select(User)), db.scalars(select(Order)))
```
Use instead:
```python
users, orders = await db.scalars(select(User)), await db.scalars(select(Order))
```

## Fix safety
The coroutines are awaited one behind the other, in their order, each made when its turn comes. That is safe where
they are written out as plain calls. It is unsafe for a comprehension, and where one of them does more than work with
the session: what it does beside would no longer overlap. With `return_exceptions`, where the `gather` is not awaited
where it stands, and for the tasks of a `TaskGroup`, there is no fix.

## Limits
A session is followed through parameters, attributes and objects that are made of it, inside of one function and its
class; coroutines that are collected in a list count too. Tasks that are made one by one without a group, `gather`,
`wait` or `as_completed` are not looked at.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from typing import TypeVar

from trueup.file import File
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Callee, Instance, Type, Union, without_none

_SESSIONS = ("sqlalchemy.ext.asyncio.AsyncSession", "sqlalchemy.ext.asyncio.AsyncConnection")
_GROUP = Instance("asyncio.TaskGroup")
_TOGETHER = ("asyncio.gather", "asyncio.wait", "asyncio.as_completed")
_Node = TypeVar("_Node", bound=ast.AST)
_DEPTH = 4
"""Objects that are made of objects that are made of a session."""


@rule(
    "TUA108",
    "shared-session-in-gather",
    on=(ast.Call, ast.AsyncWith),
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=("sqlalchemy", "sqlmodel"),
    triggers=("gather", "TaskGroup", "asyncio"),
    where=lambda facts, types, config: bool({"gather", "TaskGroup", "wait", "as_completed"} & set(facts.called)),
    url="https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#using-asyncsession-with-concurrent-tasks",
    effort=5,
    step="async",
)
def check(node: ast.Call | ast.AsyncWith, file: File) -> Iterator[Hit]:
    if isinstance(node, ast.AsyncWith):
        yield from _in_group(node, file)
        return
    if not isinstance(node.func, ast.Name | ast.Attribute) or not node.args:
        return
    name = _last(node.func)
    if name not in ("gather", "wait", "as_completed") or file.qualname(node.func) not in _TOGETHER:
        return
    held: Counter[str] = Counter()
    for arg in node.args if name == "gather" else node.args[:1]:
        if isinstance(arg, ast.Starred) or name != "gather":
            held.update(_of_several(arg.value if isinstance(arg, ast.Starred) else arg, file))
        else:
            held.update(_roots(arg, file, _DEPTH))
    shared = next((root for root, times in held.items() if times > 1), None)
    if shared is not None:
        safety, why = _safety(node, file) if name == "gather" else (Safety.MANUAL, "a group of tasks has no order")
        yield Hit(node, _message(f"`{name}`", shared), safety=safety, why=why)


def _last(node: ast.Name | ast.Attribute) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr


def _of_several(node: ast.expr, file: File) -> Counter[str]:
    """The sessions that the elements of a list work with, written out, by comprehension or held in a variable."""
    found: Counter[str] = Counter()
    if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.SetComp):
        own = {n.id for g in node.generators for n in ast.walk(g.target) if isinstance(n, ast.Name)}
        roots = _roots(node.elt, file, _DEPTH)
        found.update({root: 2 for root in roots if root.partition(".")[0] not in own})
    elif isinstance(node, ast.List | ast.Tuple | ast.Set):
        for element in node.elts:
            found.update(_roots(element, file, _DEPTH))
    elif isinstance(node, ast.Name):
        within = _around(node, file)
        made = [one.value for one in _inside(within, file, ast.Assign) if _binds(one, node.id)]
        if len(made) == 1 and not isinstance(made[0], ast.Name):
            found.update(_of_several(made[0], file))
            for call in _inside(within, file, ast.Call):
                if _appends_to(call, node.id) and within is not None:
                    bound = _own_of_loops(call, within, file)
                    for root in _roots(call.args[0], file, _DEPTH):
                        if bound is None or root.partition(".")[0] not in bound:
                            found[root] += 1 if bound is None else 2
    return found


def _appends_to(call: ast.Call, name: str) -> bool:
    func = call.func
    of = func.value if isinstance(func, ast.Attribute) and func.attr == "append" and call.args else None
    return isinstance(of, ast.Name) and of.id == name


def _around(node: ast.AST, file: File) -> ast.AST | None:
    """The function around a node."""
    inside = file.parent(node)
    while inside is not None and not isinstance(inside, ast.FunctionDef | ast.AsyncFunctionDef):
        inside = file.parent(inside)
    return inside


def _inside(within: ast.AST | None, file: File, kind: type[_Node]) -> list[_Node]:
    body: list[ast.stmt] = getattr(within, "body", [])
    return [one for statement in body for one in file.walk(statement) if isinstance(one, kind)]


def _binds(one: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in one.targets)


def _in_group(node: ast.AsyncWith, file: File) -> Iterator[Hit]:
    """The tasks of a `TaskGroup`: the second that works with a session is reported, or the first in a loop."""
    for item in node.items:
        group = item.optional_vars
        if not isinstance(group, ast.Name) or file.type_of(item.context_expr) != _GROUP:
            continue
        held: dict[str, int] = {}
        for call in [one for statement in node.body for one in file.walk(statement)]:
            if (
                not isinstance(call, ast.Call)
                or not isinstance(call.func, ast.Attribute)
                or ast.dump(call.func.value) != ast.dump(group).replace("Store()", "Load()")
                or not call.args
            ):
                continue
            again = _own_of_loops(call, node, file)
            for root in _roots(call.args[0], file, _DEPTH):
                if again is not None and root.partition(".")[0] in again:
                    continue
                held[root] = held.get(root, 0) + (1 if again is None else 2)
                if held[root] > 1:
                    why = "a group of tasks has no order"
                    yield Hit(call, _message("a `TaskGroup`", root), safety=Safety.MANUAL, why=why)
                    break


def _own_of_loops(node: ast.AST, end: ast.AST, file: File) -> set[str] | None:
    """The names that are bound anew in each turn of the loops between two nodes; None without a loop."""
    found: set[str] | None = None
    outer = file.parent(node)
    while outer is not None and outer is not end:
        if isinstance(outer, ast.For | ast.AsyncFor | ast.While):
            bound = [n.id for n in ast.walk(outer) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
            found = (found or set()) | set(bound)
        outer = file.parent(outer)
    return found


def _message(where: str, shared: str) -> str:
    return (
        f"coroutines in {where} share the session `{shared}`, which serves one at a time: SQLAlchemy raises as soon as "
        "they meet, and nothing is won where they do not; await them in turn, or give each a session"
    )


def _safety(node: ast.Call, file: File) -> tuple[Safety | None, str]:
    outer = file.parent(node)
    if not isinstance(outer, ast.Await):
        return Safety.MANUAL, "it is not awaited where it stands"
    if node.keywords:
        return Safety.MANUAL, "`return_exceptions` keeps going after an error"
    if any(isinstance(arg, ast.Starred) for arg in node.args):
        if len(node.args) > 1:
            return Safety.MANUAL, "a comprehension stands beside other coroutines"
        starred = node.args[0]
        assert isinstance(starred, ast.Starred)
        if not isinstance(starred.value, ast.ListComp | ast.GeneratorExp) or not isinstance(
            starred.value.elt, ast.Call
        ):
            return Safety.MANUAL, "the coroutines are made elsewhere"
        return Safety.UNSAFE, "the first error keeps those behind it from starting"
    for arg in node.args:
        if not isinstance(arg, ast.Call):
            return Safety.MANUAL, "a coroutine is made elsewhere"
        if any(isinstance(inner, ast.Await | ast.NamedExpr) for inner in ast.walk(arg)):
            return Safety.MANUAL, "an argument awaits or assigns"
    if not all(isinstance(arg, ast.Call) and _is_sessions(arg.func, file) for arg in node.args):
        return Safety.UNSAFE, "what the coroutines do beside their queries no longer overlaps"
    return None, ""


def _is_sessions(func: ast.expr, file: File) -> bool:
    """Whether what is called is a method of a session or connection itself."""
    found = file.type_of(func)
    return isinstance(found, Callee) and found.receiver is not None and _holds(found.receiver, file)


def _holds(one: Type, file: File) -> bool:
    return isinstance(one, Instance) and any(file.types.is_subclass(one.cls, session) for session in _SESSIONS)


def _roots(node: ast.expr, file: File, depth: int) -> dict[str, int]:
    """The sessions an expression works with, as they are written where they come from -> 1."""
    if depth < 0:
        return {}
    if isinstance(node, ast.Name | ast.Attribute):
        of = without_none(file.type_of(node))
        if isinstance(of, Union):
            return {}
        if _holds(of, file):
            return {file.segment(node): 1}
        made = _made_of(node, file)
        if made is not None:
            return _roots(made, file, depth - 1)
        if isinstance(of, Instance) and _keeps_a_session(of.cls, file):
            return {f"{file.segment(node)}.session": 1}
        return {}
    if isinstance(node, ast.Call):
        found: dict[str, int] = {}
        if isinstance(node.func, ast.Attribute):
            found |= _roots(node.func.value, file, depth)
        for value in (*node.args, *[k.value for k in node.keywords]):
            if not isinstance(value, ast.Starred):
                found |= _roots(value, file, depth)
        return found
    return {}


def _made_of(node: ast.expr, file: File) -> ast.Call | None:
    """The call that made the object of a local variable or of an attribute of `self`, if there is just one."""
    within = _around(node, file)
    if isinstance(node, ast.Attribute):
        while within is not None and not isinstance(within, ast.ClassDef):
            within = file.parent(within)
    if within is None:
        return None
    wanted = ast.dump(node)
    found = [
        value
        for one in ast.walk(within)
        if isinstance(one, ast.Assign)
        for target, value in _pairs(one)
        if ast.dump(target).replace("Store()", "Load()") == wanted
    ]
    return found[0] if len(found) == 1 and isinstance(found[0], ast.Call) else None


def _pairs(one: ast.Assign) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What gets what: `a, b = x, y` is two assignments."""
    for target in one.targets:
        both = (ast.Tuple, ast.List)
        if isinstance(target, both) and isinstance(one.value, both) and len(target.elts) == len(one.value.elts):
            yield from zip(target.elts, one.value.elts, strict=True)
        else:
            yield target, one.value


def _keeps_a_session(cls: str, file: File) -> bool:
    """Whether a class of the project has an attribute that is a session."""
    symbol = file.project.klass(cls)
    if symbol is None or symbol.file.path not in file.project.files:
        return False
    names = dict.fromkeys([f.name for f in (*symbol.facts.fields, *symbol.facts.attributes)])
    return any(_holds(without_none(file.types.attribute(Instance(cls), name)), file) for name in names)
