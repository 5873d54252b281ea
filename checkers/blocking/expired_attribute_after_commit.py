"""An attribute that is read after `commit()` or `rollback()` of an `AsyncSession`, which expired it: reading it fails.

## Why
A commit expires all objects of its session, unless the sessions are made with `expire_on_commit=False`, and a
rollback expires them always. The next attribute that is read is asked of the database, by a query that is sent right
there. An `AsyncSession` can only send one where something is awaited: SQLAlchemy raises `MissingGreenlet`, after the
commit.

## Example
```python
db.add(author)
await db.commit()
return author.id
```
Use instead:
```python
db.add(author)
await db.commit()
await db.refresh(author)
return author.id
```
or `async_sessionmaker(engine, expire_on_commit=False)` for all sessions.

## Fix safety
The fix puts `await db.refresh(...)` behind the commit or rollback. It is unsafe because one more query is sent each
time; where all of a project's sessions should keep what they have, `expire_on_commit=False` is the better repair.

## Limits
Commits count where all async sessions that the project makes expire. Objects are those that the same function gets
from a query of the same session, or makes and adds to it. Nothing is said where anything is awaited between the
commit and the read, or where the commit stands in a branch of its own. What plain functions read of the object counts
too, and what models read that are made of it, by `model_validate` or for a route's answer.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from trueup.file import File
from trueup.handlers.answers import schema
from trueup.handlers.routes import route_at, routings, said
from trueup.index.expressions import expression
from trueup.index.facts import Call, Function, Name
from trueup.infer.flow import chain, reaching
from trueup.layers import TEST, layer_of_file
from trueup.libraries.sqlalchemy.async_loading import OBJECT, given, is_async_session
from trueup.libraries.sqlalchemy.expiry import expires_on_commit, is_column
from trueup.libraries.sqlalchemy.late_reads import VALIDATE, fields_read, read_of
from trueup.libraries.sqlalchemy.mapping import mapping
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Callee, ClassObject, short

_ENDS = ("commit", "rollback")
_ADDS = ("add", "add_all")
_PARTS = ("delete", "expunge", "expunge_all", "close", "merge", "reset")
"""What takes objects out of a session, which then keep what they have."""


class _End(NamedTuple):
    """An awaited `commit()` or `rollback()`."""

    node: ast.Await
    method: str
    session: ast.expr


@rule(
    "TUA115",
    "expired-attribute-after-commit",
    on=ast.AsyncFunctionDef,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=("sqlalchemy", "sqlmodel"),
    triggers=("commit", "rollback"),
    where=lambda facts, types, config: (
        layer_of_file(facts) != TEST and not {"commit", "rollback"}.isdisjoint(facts.called)
    ),
    url="https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#preventing-implicit-io-when-using-asyncsession",
    effort=5,
)
def check(node: ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    facts = file.function_at(node)
    if facts is None or "MissingGreenlet" in file.text:
        return
    inside = [inner for statement in node.body for inner in file.walk(statement)]
    ends = [end for one in inside if (end := _end(one, file)) is not None]
    if not ends:
        return
    told: set[tuple[str, int]] = set()
    waits = [one for one in inside if isinstance(one, ast.Await | ast.AsyncFor | ast.AsyncWith)]
    answer = _answer(node, file)
    behind = min(_position(end.node) for end in ends)
    for one in [n for n in inside if isinstance(n, ast.Attribute | ast.Call | ast.Return) and _position(n) > behind]:
        for name, attributes, how in _reads(one, answer, file):
            end = _last_end(ends, name, file)
            if end is None or (name.id, end.node.lineno) in told or _waits_between(waits, end, name, file):
                continue
            listed = _listed(name, end, file)
            model = listed or _object(name, end, facts, inside, file)
            read = next((a for a in attributes if model and is_column(file.types, model, a)), "")
            if not read or _written(inside, name.id, read, end):
                continue
            told.add((name.id, end.node.lineno))
            place = name if isinstance(one, ast.Return) else one
            yield _hit(place, name.id, read, how, end, bool(listed), file)


def _hit(node: ast.AST, name: str, attribute: str, how: str, end: _End, listed: bool, file: File) -> Hit:
    session = file.segment(end.session)
    otherwise = ", or make the sessions with `expire_on_commit=False`" if end.method == "commit" else ""
    return Hit(
        node,
        f"`{name}.{attribute}` is read{how} after `{session}.{end.method}()`, which expired it: an `AsyncSession` "
        f"cannot load it there and raises `MissingGreenlet`; `await {session}.refresh({name})` first{otherwise}",
        clue=None if listed else (end.node.lineno, end.node.col_offset, session, name),
        safety=Safety.MANUAL if listed else None,
        why="it is one of several, and a query for each would be sent"
        if listed
        else "one more query is sent each time",
        related=(file.place(end.node, f"`{end.method}()` expires what the session holds"),),
    )


# What is read ---------------------------------------------------------------------------------------------------------


def _answer(node: ast.AsyncFunctionDef, file: File) -> str:
    """The model that FastAPI makes a route's answer of; empty where it makes none of one object."""
    if route_at(node, file) is None:
        return ""
    given = next((one for _, r in routings(node, file) if (one := said(r, "response_model")) is not None), node.returns)
    model = schema(file.annotation(given), file) if given is not None else None
    return model[0] if model is not None and not model[1] else ""


def _reads(node: ast.AST, answer: str, file: File) -> Iterator[tuple[ast.Name, tuple[str, ...], str]]:
    """Each variable that a node reads attributes of, which these are, and by what."""
    if isinstance(node, ast.Return) and isinstance(node.value, ast.Name) and answer:
        yield node.value, fields_read(file.types, answer), f" for the answer `{short(answer)}`"
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and isinstance(node.ctx, ast.Load):
        yield node.value, (node.attr,), ""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
        return
    names = [(index, value) for index, value in enumerate(node.args) if isinstance(value, ast.Name)]
    callee = file.type_of(node.func) if names else None
    if not isinstance(callee, Callee):
        return
    if callee.qualname in VALIDATE and isinstance(callee.receiver, ClassObject):
        if names[0][0] == 0:
            yield names[0][1], fields_read(file.types, callee.receiver.cls), f" by `{short(callee.receiver.cls)}`"
        return
    function = file.project.function(callee.qualname)
    if function is None or function.file.path not in file.project.files:
        return
    facts = function.facts
    if facts.is_async or facts.is_generator or facts.decorators:
        return
    params = [p.name for p in facts.params if not p.kind.startswith("var-")]
    params = params[1:] if callee.receiver is not None else params
    for index, value in names:
        if index < len(params):
            yield value, read_of(facts, params[index]), f" by `{facts.name}`"


# What happened before -------------------------------------------------------------------------------------------------


def _end(node: ast.AST, file: File) -> _End | None:
    if not isinstance(node, ast.Await) or not isinstance(node.value, ast.Call):
        return None
    func = node.value.func
    if not isinstance(func, ast.Attribute) or func.attr not in _ENDS or not isinstance(file.parent(node), ast.Expr):
        return None
    if not is_async_session(file.types, file.type_of(func.value)):
        return None
    if func.attr == "commit" and expires_on_commit(file.types) is not True:
        return None
    return _End(node, func.attr, func.value)


def _last_end(ends: list[_End], name: ast.Name, file: File) -> _End | None:
    """The last end of a transaction that certainly came before a variable is read."""
    site = file.site(name)
    if site.function is None:
        return None
    blocks = site.function.scope.blocks
    around = chain(blocks, site.block)
    found = None
    for end in ends:
        if _position(end.node) >= _position(name):
            continue
        home = file.site(end.node).block
        while home not in around and blocks[home].kind in ("try", "with"):
            home = blocks[home].parent
        if home in around:
            found = end
    return found


def _position(node: ast.AST) -> tuple[int, int]:
    return node.lineno, node.col_offset  # type: ignore[attr-defined]


def _waits_between(
    waits: list[ast.Await | ast.AsyncFor | ast.AsyncWith], end: _End, name: ast.Name, file: File
) -> bool:
    """Whether anything was awaited since, on the way to the read: it may have loaded the object again."""
    return any(
        _position(end.node) < _position(one) < _position(name)
        and (not isinstance(one, ast.Await) or (one.end_lineno or 0, one.end_col_offset or 0) <= _position(name))
        and _comes_to(one, name, file)
        for one in waits
    )


def _comes_to(node: ast.AST, name: ast.Name, file: File) -> bool:
    """Whether what runs at one place goes on to another; no: it stands in a branch that returns or raises."""
    site = file.site(name)
    if site.function is None:
        return True
    blocks = site.function.scope.blocks
    around, home = chain(blocks, site.block), file.site(node).block
    while home not in around:
        if blocks[home].leaves:
            return False
        home = blocks[home].parent
    return True


def _object(name: ast.Name, end: _End, facts: Function, inside: list[ast.AST], file: File) -> str:
    """The mapped class of a variable's object if the session that ended its transaction certainly holds it."""
    types, site, session = file.types, file.site(name), ast.dump(end.session)
    bound = [one for one in facts.scope.bindings if one.name == name.id]
    reach = reaching(bound, facts.scope.blocks, site.block, site.line, site.column)
    if not reach.certain or len(reach.bindings) != 1 or reach.bindings[0].line >= end.node.lineno:
        return ""
    added = False
    for one in inside:
        if not isinstance(one, ast.Call) or not isinstance(one.func, ast.Attribute):
            continue
        takes = any(isinstance(n, ast.Name) and n.id == name.id for a in one.args for n in ast.walk(a))
        if one.func.attr in _PARTS and (takes or not one.args):
            return ""
        if one.func.attr in _ADDS and takes and ast.dump(one.func.value) == session:
            added = added or _position(one) < _position(end.node)
    found = given(types, expression(name), site)
    if found is not None and found.kind == OBJECT and found.session == expression(end.session):
        return found.model
    [binding] = reach.bindings
    if not added or end.method != "commit" or not isinstance(binding.value, Call) or binding.how != "assign":
        return ""
    made = types.type_of(binding.value.func, site)
    where = mapping(types)
    if isinstance(made, ClassObject) and (where.is_declarative(made.cls) or where.is_sqlmodel(made.cls)):
        return made.cls
    return ""


def _listed(name: ast.Name, end: _End, file: File) -> str:
    """The mapped class, where a variable goes over the objects of a query of the session from before its end."""
    site = file.site(name)
    if site.function is None:
        return ""
    scope = site.function.scope
    bound = [one for one in scope.bindings if one.name == name.id]
    reach = reaching(bound, scope.blocks, site.block, site.line, site.column)
    if not reach.certain or len(reach.bindings) != 1 or reach.bindings[0].how not in ("for", "async-for"):
        return ""
    held = reach.bindings[0].value
    lists = [one for one in scope.bindings if isinstance(held, Name) and one.name == held.id]
    found = given(file.types, expression(name), site)
    if len(lists) != 1 or lists[0].line >= end.node.lineno or found is None or found.kind != OBJECT:
        return ""
    return found.model if found.session == expression(end.session) else ""


def _written(inside: list[ast.AST], name: str, attribute: str, end: _End) -> bool:
    """Whether the attribute got a value of its own since."""
    return any(
        isinstance(one, ast.Attribute)
        and isinstance(one.ctx, ast.Store)
        and one.attr == attribute
        and isinstance(one.value, ast.Name)
        and one.value.id == name
        and _position(one) > _position(end.node)
        for one in inside
    )
