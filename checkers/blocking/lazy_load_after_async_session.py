"""A relationship of an object from an `AsyncSession` that its query did not load: reading it fails.

## Why
A relationship is loaded when it is first read, by a query that is sent right there. An `AsyncSession` can only send
one where something is awaited, and reading an attribute is not: SQLAlchemy raises `MissingGreenlet`. It works in
tests in which the related objects happen to be in the session already, and fails in production.

## Example
```python
author = await db.get(Author, author_id)
return [book.title for book in author.books]
```
Use instead:
```python
author = await db.get(Author, author_id, options=[selectinload(Author.books)])
return [book.title for book in author.books]
```

## Fix safety
The query gets `selectinload(...)` of the relationship, where the query is written in the same function and once. It
is unsafe because a second query is sent from now on. Where the query is made in another function, which others may
call too, the finding says where.

## Limits
Objects are followed from `get`, `scalar`, `scalars`, `execute` and SQLModel's `exec` through variables, loops and the
project's coroutines that return them, into plain functions that they are handed to, models that are made of them and
answers of routes. There is no finding where anything may have loaded the relationship: a loader or `refresh` that
names it, a coroutine that got the object, another object of the class that was handed in. New objects, and
relationships that `backref` makes, are not looked at.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from trueup.file import File
from trueup.index.expressions import expression
from trueup.index.facts import Attr, Call, Expr, Function, Name
from trueup.index.project import FunctionSymbol
from trueup.layers import TEST, layer_of_file
from trueup.libraries.fastapi import entry
from trueup.libraries.sqlalchemy.async_loading import (
    Given,
    awaited_names,
    given,
    is_async_session,
    may_be_awaited,
    mentions,
)
from trueup.libraries.sqlalchemy.held_objects import callers_hold, holds_another
from trueup.libraries.sqlalchemy.late_reads import VALIDATE, fields_read, read_of, relationship_names
from trueup.libraries.sqlalchemy.late_relationships import Late, loaded_late
from trueup.model import Hit, Place, Safety, Severity
from trueup.registry import rule
from trueup.types import Callee, ClassObject

_HARMLESS = frozenset(
    {"add", "commit", "delete", "expunge", "flush", "refresh", "rollback", "get", "scalars", "execute"}
)
"""What a session does with an object without loading its relationships."""


class _Read(NamedTuple):
    """A place where attributes of an object, or of each of several, are read."""

    node: ast.expr
    value: ast.expr
    """What the object is."""
    attributes: tuple[str, ...]
    how: str
    """Where they are read, if not there itself."""


@rule(
    "TUA114",
    "lazy-load-after-async-session",
    on=ast.AsyncFunctionDef,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=("sqlalchemy", "sqlmodel"),
    triggers=("async def",),
    where=lambda facts, types, config: layer_of_file(facts) != TEST and bool(relationship_names(types)),
    url="https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#preventing-implicit-io-when-using-asyncsession",
    effort=10,
)
def check(node: ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    facts = file.function_at(node)
    if facts is None or not facts.awaits or "MissingGreenlet" in file.text:
        return
    known: _Known | None = None
    told: set[tuple[object, str]] = set()
    for read in _reads(node, awaited_names(facts), file):
        found = given(file.types, expression(read.value), file.site(read.value))
        if found is None:
            continue
        for attribute in read.attributes:
            late = loaded_late(file.types, found.model, attribute)
            known = known or _Known(node, facts, file)
            key = (found.query or ast.dump(read.value), attribute)
            if late is None or key in told or known.may_be_loaded(found, read, attribute, late):
                continue
            told.add(key)
            yield _hit(read, found, attribute, late, file)


def _hit(read: _Read, found: Given, attribute: str, late: Late, file: File) -> Hit:
    model = found.model.rpartition(".")[2]
    some = " for rows whose object is not in the session already" if late.to_one else ""
    places: tuple[Place, ...] = ()
    where, clue = "", None
    if found.query is not None:
        path, pos = found.query
        places = (Place(path, pos.line, pos.column + 1, f"the query that does not load `{model}.{attribute}`"),)
        if found.within:
            where = f" ({path}:{pos.line})"
        elif path == file.path:
            clue = (attribute, pos.line, pos.column, found.by_get)
    return Hit(
        read.node,
        f"`{model}.{attribute}` is loaded when it is read{read.how}, which an `AsyncSession` cannot do: it raises "
        f"`MissingGreenlet`{some}; give the query{where} the option `selectinload({model}.{attribute})`",
        clue=clue,
        safety=None if clue else Safety.MANUAL,
        why="one more query is sent" if clue else "the query is made in another function, or in several ways",
        related=places,
    )


# What is read ---------------------------------------------------------------------------------------------------------


def _reads(node: ast.AsyncFunctionDef, held: frozenset[str], file: File) -> Iterator[_Read]:
    names = relationship_names(file.types)
    for one in [inner for statement in node.body for inner in file.walk(statement)]:
        if isinstance(one, ast.Attribute):
            if one.attr in names and isinstance(one.ctx, ast.Load) and may_be_awaited(expression(one.value), held):
                yield _Read(one, one.value, (one.attr,), "")
        elif isinstance(one, ast.Call):
            values = [*one.args, *[k.value for k in one.keywords]]
            if any(may_be_awaited(expression(value), held) for value in values):
                yield from _handed_on(one, names, file)


def _handed_on(call: ast.Call, names: frozenset[str], file: File) -> Iterator[_Read]:
    """What a plain function of the project, or a model that is made of it, reads of an object that it is given."""
    if not isinstance(call.func, ast.Name | ast.Attribute) or not (call.args or call.keywords):
        return
    callee = file.type_of(call.func)
    if not isinstance(callee, Callee):
        return
    if callee.qualname in VALIDATE and isinstance(callee.receiver, ClassObject) and len(call.args) == 1:
        fields = tuple([name for name in fields_read(file.types, callee.receiver.cls) if name in names])
        if fields:
            yield _Read(call, call.args[0], fields, f" by `{callee.receiver.cls.rpartition('.')[2]}`")
        return
    function = file.project.function(callee.qualname)
    if function is None or function.file.path not in file.project.files:
        return
    facts = function.facts
    if facts.is_async or facts.is_generator or facts.decorators:
        return
    params = [p.name for p in facts.params if not p.kind.startswith("var-")]
    params = params[1:] if callee.receiver is not None else params
    given_to = [*zip(params, call.args, strict=False), *((k.arg or "", k.value) for k in call.keywords)]
    for param, value in given_to:
        if isinstance(value, ast.Name) and param in params:
            read = tuple([name for name in read_of(facts, param) if name in names])
            if read:
                yield _Read(call, value, read, f" by `{facts.name}`")


# What may have loaded it ----------------------------------------------------------------------------------------------


class _Known:
    """What a function says and does besides, as far as relationships may be loaded by it."""

    def __init__(self, node: ast.AsyncFunctionDef, facts: Function, file: File) -> None:
        self.file = file
        self.facts = facts
        self.named = set(mentions(facts))
        self.awaits: list[ast.Await] = []
        self.looks = False
        for one in [inner for statement in node.body for inner in ast.walk(statement)]:
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                self.named.add(one.value)
            elif isinstance(one, ast.Attribute):
                if not isinstance(one.ctx, ast.Load) or (
                    isinstance(one.value, ast.Attribute) and one.value.attr == "awaitable_attrs"
                ):
                    self.named.add(one.attr)
            elif isinstance(one, ast.Await):
                self.awaits.append(one)
            elif isinstance(one, ast.Call) and isinstance(one.func, ast.Name | ast.Attribute):
                self.looks = self.looks or getattr(one.func, "id", getattr(one.func, "attr", "")) == "inspect"

    def may_be_loaded(self, found: Given, read: _Read, attribute: str, late: Late) -> bool:
        """Whether anything may have loaded the relationship before it is read."""
        if self.looks or attribute in found.eager or attribute in self.named:
            return True
        if any(_loads(within, attribute) for within in found.within):
            return True
        if any(self._is_handed(one, found.via, read.node) for one in self.awaits):
            return True
        if late.to_one and any(self._leads_to(found.model, name, late.target) for name in found.eager):
            return True
        function = self.file.function_symbol(self.facts)
        if holds_another(self.file.types, function, found, attribute, late):
            return True
        if entry(self.file.types, function) is not None or self._has_own_session(found):
            return False
        # Who calls it may hold more objects of the same session.
        return late.to_one or callers_hold(self.file.types, function, found.model)

    def _is_handed(self, one: ast.Await, via: tuple[str, ...], before: ast.AST) -> bool:
        """Whether a coroutine that is awaited before has got the object, and may load what it likes."""
        if self.file.site(one).line > self.file.site(before).line:
            return False
        call = one.value
        if (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and is_async_session(self.file.types, self.file.type_of(call.func.value))
        ):
            method = call.func.attr
            return method in ("run_sync", "merge") or (method == "refresh" and not _literal(call))
        for inner in ast.walk(one):
            if isinstance(inner, ast.Name) and inner.id in via:
                outer = self.file.parent(inner)
                if not isinstance(outer, ast.Attribute):
                    return True
                if isinstance(call, ast.Call) and call.func is outer:
                    return True
        return False

    def _leads_to(self, model: str, name: str, target: str) -> bool:
        """Whether another relationship, which the query loads, may bring what this one leads to."""
        types = self.file.types
        other = loaded_late(types, model, name)
        if other is None or not other.target or not target:
            return True
        return (
            types.is_subclass(other.target, target) is not False or types.is_subclass(target, other.target) is not False
        )

    def _has_own_session(self, found: Given) -> bool:
        """Whether the session was opened in the function itself."""
        session = found.session
        return isinstance(session, Name) and any(
            one.name == session.id and one.how == "async-with" for one in self.facts.scope.bindings
        )


def _literal(call: ast.Call) -> bool:
    """Whether a `refresh` says in so many words what it refreshes."""
    rest = [*call.args[1:], *[k.value for k in call.keywords if k.arg in (None, "attribute_names")]]
    return all(
        isinstance(one, ast.List | ast.Tuple | ast.Set) and all(isinstance(e, ast.Constant) for e in one.elts)
        for one in rest
    )


def _loads(function: FunctionSymbol, attribute: str) -> bool:
    """Whether a function that returns the object may have loaded a relationship of it."""
    facts = function.facts
    if attribute in mentions(facts) or "awaitable_attrs" in function.file.attributes:
        return True
    returned = {value.id for value, _, _ in facts.returned if isinstance(value, Name)}
    for one in facts.scope.calls:
        func = one.call.func
        if not one.awaited or not any(isinstance(a, Name) and a.id in returned for a in _arguments(one.call)):
            continue
        if not isinstance(func, Attr) or func.attr not in _HARMLESS or len(one.call.args) > 1:
            return True
    return False


def _arguments(call: Call) -> tuple[Expr, ...]:
    return (*call.args, *[value for _, value in call.keywords])
