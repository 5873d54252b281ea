"""A new object that is only put on another one and never added: SQLAlchemy 2 no longer saves it.

## Why
Until 1.4 `Post(author=user)` got into the session of `user` by itself, along `User.posts`, and the next `commit()`
saved it. SQLAlchemy 2 leaves it out. Nothing is raised: there is a warning (`Object of type <Post> not in session`),
and the row is missing.

## What to do
`session.add(post)`, or put it on the other side: `user.posts.append(post)` is still followed. Where the object shall
not be saved, as it serves a calculation, ignore the finding with a comment.

## Limits
Looked for is an object that is made in a function with a relationship to one object, in its arguments or by assignment,
where that relationship has another side, and that is neither handed to any call, nor returned, nor kept anywhere. An
object that is handed on may be added there, and is not reported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.config import Config
from trueup.file import File
from trueup.index.facts import FileFacts
from trueup.infer import Inference
from trueup.libraries.sqlalchemy.backrefs import followed_back
from trueup.libraries.sqlalchemy.mapping import mapping
from trueup.libraries.sqlalchemy.relationships import may_name_mapped
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import ClassObject

_ADDING = ("add", "add_all", "merge")


def _may_hold(facts: FileFacts, types: Inference, config: Config) -> bool:
    """Whether a file has functions that may make mapped objects."""
    return bool(facts.functions) and may_name_mapped(types, facts)


@rule(
    "TUS304",
    "object-not-added",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    libraries=("sqlalchemy", "flask_sqlalchemy"),
    triggers=("commit", "flush", "session", "Session", "db"),
    where=_may_hold,
    url="https://docs.sqlalchemy.org/en/20/changelog/migration_20.html#cascade-backrefs-behavior-deprecated-for-removal-in-2-0",
    effort=3,
    step="sqlalchemy-relationships",
)
def check(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    made = list(_made(node, file))
    if not made:
        return
    names = [one for one in ast.walk(node) if isinstance(one, ast.Name)]
    for call, cls, variable in made:
        if variable and any(_leaves(name, file) for name in names if name.id == variable):
            continue
        for relation, value in _given(call, variable, node):
            if not followed_back(file.types, cls, relation) or _is_added_later(value, call, node):
                continue
            short = cls.rpartition(".")[2]
            message = (
                f"until SQLAlchemy 1.4 this `{short}` got into the session of its `{relation}` by itself; now it is "
                "left out, and not saved: `add()` it"
            )
            yield Hit(call, message)
            break


def _made(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[tuple[ast.Call, str, str]]:
    """(call, class, variable) of each mapped object that a function makes for a variable, or for nothing."""
    for one in file.walk(node):
        match one:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call):
                variable = name
            case ast.Expr(value=ast.Call() as call):
                variable = ""
            case _:
                continue
        if not isinstance(call.func, ast.Name | ast.Attribute) or (not variable and not call.keywords):
            continue
        last = call.func.id if isinstance(call.func, ast.Name) else call.func.attr
        if not last[:1].isupper():
            continue
        found = file.type_of(call.func)
        if isinstance(found, ClassObject) and mapping(file.types).is_declarative(found.cls):
            yield call, found.cls, variable


def _given(call: ast.Call, variable: str, node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """(attribute, value) of what an object is given when it is made and afterwards."""
    for keyword in call.keywords:
        if keyword.arg:
            yield keyword.arg, keyword.value
    for one in ast.walk(node) if variable else ():
        match one:
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(id=name), attr=attribute)], value=value):
                if name == variable:
                    yield attribute, value


def _leaves(name: ast.Name, file: File) -> bool:
    """Whether a name is read for more than an attribute: handed on, returned, kept."""
    if isinstance(name.ctx, ast.Store):
        return not isinstance(file.parent(name), ast.Assign)
    parent = file.parent(name)
    if not isinstance(parent, ast.Attribute):
        return not isinstance(parent, ast.FormattedValue | ast.Expr)
    # A method of it may add it.
    call = file.parent(parent)
    return isinstance(call, ast.Call) and call.func is parent


def _is_added_later(value: ast.expr, call: ast.Call, node: ast.AST) -> bool:
    """Whether the other object is not there, or new itself and gets into a session after this one was put on it."""
    if isinstance(value, ast.Constant):
        return True
    if not isinstance(value, ast.Name):
        return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id[:1].isupper()
    for one in ast.walk(node):
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr in _ADDING:
            inside = [name for arg in one.args for name in ast.walk(arg) if isinstance(name, ast.Name)]
            if one.lineno > call.lineno and any(name.id == value.id for name in inside):
                return True
    return False
