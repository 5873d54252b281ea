"""A connection writes to the database and never commits: SQLAlchemy 1 did that by itself, 2 takes the changes back.

## Why
In 1.4 an INSERT, UPDATE, DELETE or DDL statement outside a transaction was committed at once ("autocommit"). In 2.0
every connection has a transaction, which is rolled back when it is closed: no error is raised, and the rows are not
there. `execution_options(autocommit=True)` is accepted, and does nothing.

## Example
```python
with engine.connect() as connection:
    connection.execute(users.insert().values(name="Ann"))
```
Use instead:
```python
with engine.begin() as connection:
    connection.execute(users.insert().values(name="Ann"))
```

## Fix safety
Unsafe: `engine.begin()` commits at the end of the block, and takes all back where an error is raised; each statement
used to be kept by itself.

There is no fix for connections that are held in a variable (call `commit()`), and for `autocommit=True` (commit, or
set `isolation_level="AUTOCOMMIT"`).

## Limits
Connections that are handed to other functions are left alone, for these may commit, and so is all of a project that
makes engines with an `isolation_level=`. Statements are known by their type or by the first word of their text. MySQL
and Oracle keep DDL whatever SQLAlchemy does, which is not told apart.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from trueup.file import File
from trueup.infer import Inference
from trueup.libraries.sqlalchemy.core import LIBRARIES, MIGRATION
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Instance

from .core_calls import called, is_constant

_WRITES = re.compile(
    r"\s*(INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|TRUNCATE|REPLACE|MERGE|GRANT|REVOKE)\b", re.IGNORECASE
)
_WRITERS = ("sqlalchemy.UpdateBase", "sqlalchemy.DDLElement")
_RUNS = ("execute", "scalar", "scalars", "exec_driver_sql")
_ENDS = ("commit", "begin", "begin_nested", "begin_twophase", "execution_options", "detach")
_WHY = "the statements are kept or taken back together, where each used to be kept by itself"


def autocommitting_engines(types: Inference) -> bool:
    """Whether a project makes an engine that commits each statement, or may do so."""
    for maker in ("create_engine", "engine_from_config", "create_async_engine"):
        for _, one in types.calls_named(maker):
            if any(key in ("isolation_level", "execution_options") for key, _ in one.call.keywords):
                return True
    return False


@rule(
    "TUS510",
    "lost-autocommit",
    on=(ast.With, ast.Assign, ast.Call),
    names=("execution_options",),
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    triggers=("connect", "autocommit"),
    where=lambda facts, types, config: not {"connect", "execution_options"}.isdisjoint(facts.attributes),
    url=MIGRATION + "#library-level-but-not-driver-level-autocommit-removed-from-both-core-and-orm",
    effort=5,
    step="sqlalchemy-core",
)
def check(node: ast.With | ast.Assign | ast.Call, file: File) -> Iterator[Hit]:
    match node:
        case ast.With(items=items, body=body):
            for item in items:
                if isinstance(item.optional_vars, ast.Name) and _is_connect(item.context_expr, file):
                    write = _lost_write(item.optional_vars.id, [*items, *body], file)
                    if write is not None:
                        yield Hit(
                            item.context_expr,
                            _message(write, item.optional_vars.id, "`begin()` in the place of `connect()` commits"),
                            clue="begin",
                            why=_WHY,
                            related=(file.place(write, "what is lost"),),
                        )
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if _is_connect(value, file):
            around = file.parent(node)
            if isinstance(around, ast.FunctionDef):
                write = _lost_write(name, around.body, file)
                if write is not None:
                    message = _message(write, name, f"call `{name}.commit()`, or say `with engine.begin()`")
                    yield Hit(write, message, safety=Safety.MANUAL)
        case ast.Call(func=ast.Attribute(attr="execution_options"), keywords=keywords):
            for keyword in keywords:
                is_asked = keyword.arg == "autocommit" and is_constant(keyword.value, True)
                if is_asked and called(node, file).startswith("sqlalchemy."):
                    message = (
                        "`autocommit=True` does nothing in SQLAlchemy 2, and what is written is taken back: "
                        'commit, or set `isolation_level="AUTOCOMMIT"` on the connection'
                    )
                    yield Hit(node, message, safety=Safety.MANUAL, span=file.span(keyword))


def _message(write: ast.Call, name: str, advice: str) -> str:
    return (
        f"SQLAlchemy 1 committed by itself what `{name}` writes in line {write.lineno}, SQLAlchemy 2 takes it back: "
        f"{advice}"
    )


def _is_connect(node: ast.expr, file: File) -> bool:
    """Whether an expression is a new connection of an engine."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "connect":
        return False
    if node.args or node.keywords or called(node, file) != "sqlalchemy.Engine.connect":
        return False
    if "execution_options" in file.segment(node) or "AUTOCOMMIT" in file.text:
        return False
    return not file.types.shared(autocommitting_engines)


def _lost_write(name: str, body: Sequence[ast.AST], file: File) -> ast.Call | None:
    """The first statement that a connection writes with, if nothing can commit it."""
    first: ast.Call | None = None
    for one in (one for statement in body for one in ast.walk(statement)):
        if not isinstance(one, ast.Name) or one.id != name or not isinstance(one.ctx, ast.Load):
            continue
        around = file.parent(one)
        if not isinstance(around, ast.Attribute) or around.attr in _ENDS:
            return None
        call = file.parent(around)
        if around.attr not in _RUNS or not isinstance(call, ast.Call) or call.func is not around or not call.args:
            continue
        if _is_write(call.args[0], file) and (first is None or call.lineno < first.lineno):
            first = call
    return first


def _is_write(node: ast.expr, file: File) -> bool:
    match node:
        case ast.Constant(value=str(text)):
            return bool(_WRITES.match(text))
        case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
            return bool(_WRITES.match(text))
        case ast.BinOp(left=left):
            return _is_write(left, file)
        case ast.Call(args=[first, *_]) if called(node, file) in ("sqlalchemy.text", "sqlalchemy.DDL"):
            return _is_write(first, file)
    one = file.type_of(node)
    return isinstance(one, Instance) and any(file.types.is_subclass(one.cls, writer) for writer in _WRITERS)
