"""One `AsyncSession`, or connection, that several coroutines of an `asyncio.gather` work with at the same time.

## Why
A session has one connection and one transaction, and is made for one task. On a fresh session `gather` raises
`InvalidRequestError: This session is provisioning a new connection`; while another task flushes or commits it raises
too. Where it works, because the connection was there already, it is no faster: queries of one connection wait for each
other. Two queries of 0.3 s took 0.6 s, together or one behind the other.

## Example
```python
users, orders = await asyncio.gather(db.scalars(select(User)), db.scalars(select(Order)))
```
Use instead:
```python
users, orders = await db.scalars(select(User)), await db.scalars(select(Order))
```

## Fix safety
The coroutines are awaited one behind the other, in their order, each made when its turn comes. That is safe where they
are written out as plain calls. It is unsafe for a comprehension, and where one of them does more than work with the
session: what it does beside would no longer overlap. With `return_exceptions`, or where the `gather` is not awaited
where it stands, there is no fix.

## Limits
A session is followed through parameters, attributes and objects that are made of it, inside of one function and its
class. Tasks that are made one by one are not looked at.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from trueup.file import File
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Callee, Instance, Type, Union, without_none

_SESSIONS = ("sqlalchemy.ext.asyncio.AsyncSession", "sqlalchemy.ext.asyncio.AsyncConnection")
_DEPTH = 4
"""Objects that are made of objects that are made of a session."""


@rule(
    "TUA108",
    "shared-session-in-gather",
    on=ast.Call,
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=("sqlalchemy", "sqlmodel"),
    triggers=("gather",),
    where=lambda facts, types, config: "gather" in facts.called,
    url="https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#using-asyncsession-with-concurrent-tasks",
    effort=5,
    step="async",
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    if not isinstance(node.func, ast.Name | ast.Attribute) or file.qualname(node.func) != "asyncio.gather":
        return
    held: Counter[str] = Counter()
    for arg in node.args:
        if isinstance(arg, ast.Starred):
            if isinstance(arg.value, ast.ListComp | ast.GeneratorExp):
                own = {n.id for g in arg.value.generators for n in ast.walk(g.target) if isinstance(n, ast.Name)}
                roots = _roots(arg.value.elt, file, _DEPTH)
                held.update({root: 2 for root in roots if root.partition(".")[0] not in own})
        else:
            held.update(_roots(arg, file, _DEPTH))
    shared = next((root for root, times in held.items() if times > 1), None)
    if shared is None:
        return
    safety, why = _safety(node, file)
    yield Hit(
        node,
        f"coroutines in `gather` share the session `{shared}`, which serves one at a time: SQLAlchemy raises "
        "as soon as they meet, and nothing is won where they do not; await them in turn, or give each a session",
        safety=safety,
        why=why,
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
    inside = file.parent(node)
    while inside is not None and not isinstance(inside, ast.FunctionDef | ast.AsyncFunctionDef):
        inside = file.parent(inside)
    within: ast.AST | None = inside
    if isinstance(node, ast.Attribute):
        while within is not None and not isinstance(within, ast.ClassDef):
            within = file.parent(within)
    if within is None:
        return None
    wanted = ast.dump(node)
    found = [
        one.value
        for one in ast.walk(within)
        if isinstance(one, ast.Assign)
        for target in one.targets
        if ast.dump(target).replace("Store()", "Load()") == wanted
    ]
    return found[0] if len(found) == 1 and isinstance(found[0], ast.Call) else None


def _keeps_a_session(cls: str, file: File) -> bool:
    """Whether a class of the project has an attribute that is a session."""
    symbol = file.project.klass(cls)
    if symbol is None or symbol.file.path not in file.project.files:
        return False
    names = dict.fromkeys([f.name for f in (*symbol.facts.fields, *symbol.facts.attributes)])
    return any(_holds(without_none(file.types.attribute(Instance(cls), name)), file) for name in names)
