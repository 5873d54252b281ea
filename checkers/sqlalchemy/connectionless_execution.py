"""A statement is run without a connection: `engine.execute(...)`, or `statement.execute()` of bound metadata.

## Why
Engines and statements have no `execute()` and no `scalar()` in 2.0; the line raises `AttributeError`. A connection is
taken with `engine.begin()`, which also commits.

## Example
```python
engine.execute(users.insert().values(name="Ann"))
names = engine.execute(select(users.c.name)).fetchall()
```
Use instead:
```python
with engine.begin() as connection:
    connection.execute(users.insert().values(name="Ann"))
with engine.begin() as connection:
    names = connection.execute(select(users.c.name)).fetchall()
```

## Fix safety
Safe, under 1.4 too, where the whole result is read in the same statement, or not at all: each statement still has a
transaction of its own.

There is no fix where the result lives on, for it is closed with its connection: put all that reads it into the
block. Nor is there one for `statement.execute()`: which engine its metadata was bound to is not to be seen.

## Limits
Engines and statements of unknown type are left alone.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.core import LIBRARIES, MIGRATION
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

from .core_calls import called

_READERS = frozenset(
    {"fetchall", "fetchone", "fetchmany", "first", "scalar", "one", "one_or_none", "all", "scalar_one",
     "scalar_one_or_none", "rowcount", "inserted_primary_key", "lastrowid"}
)  # fmt: skip
"""What reads a result, so that nothing of it is needed after."""
_PASSING = frozenset({"scalars", "mappings", "unique", "columns", "tuples"})
_WHOLE = ("list", "tuple", "set", "dict", "sorted")
_NAMES = ("connection", "conn", "db_connection", "engine_connection")


@rule(
    "TUS508",
    "connectionless-execution",
    on=ast.Call,
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=("execute", "scalar"),
    where=lambda facts, types, config: not {"execute", "scalar"}.isdisjoint(facts.attributes),
    url=MIGRATION + "#implicit-and-connectionless-execution-bound-metadata-removed",
    effort=5,
    step="sqlalchemy-core",
    prepares=True,
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    func = node.func
    if not isinstance(func, ast.Attribute) or func.attr not in ("execute", "scalar"):
        return
    name = called(node, file)
    if name in ("sqlalchemy.Executable.execute", "sqlalchemy.Executable.scalar"):
        message = f"a statement has no `{func.attr}()` in SQLAlchemy 2: hand it to a connection or a session"
        yield Hit(node, message, safety=Safety.MANUAL)
        return
    if name not in ("sqlalchemy.Engine.execute", "sqlalchemy.Engine.scalar"):
        return
    what = f"an engine has no `{func.attr}()` in SQLAlchemy 2"
    local = next((one for one in _NAMES if not re.search(rf"\b{one}\b", file.text)), None)
    if local is not None and (func.attr == "scalar" or _is_read(node, file)) and _fits(node, file):
        span = file.span(func)
        yield Hit(node, f"{what}: run it inside `with engine.begin() as {local}:`", clue=local, span=span)
    else:
        message = f"{what}: take a connection (`with engine.begin() as connection:`), and read the result inside"
        yield Hit(node, message, safety=Safety.MANUAL, span=file.span(func))


def _is_read(node: ast.Call, file: File) -> bool:
    """Whether a result is read whole in the statement it comes from, or not at all."""
    inner: ast.AST = node
    around = file.parent(inner)
    while isinstance(around, ast.Attribute):
        if around.attr in _READERS:
            return True
        call = file.parent(around)
        if around.attr not in _PASSING or not isinstance(call, ast.Call):
            return False
        inner, around = call, file.parent(call)
    if isinstance(around, ast.Expr):
        return True
    if isinstance(around, ast.Call) and isinstance(around.func, ast.Name):
        return around.func.id in _WHOLE and around.args[:1] == [inner]
    if isinstance(around, ast.comprehension) and around.iter is inner:
        return isinstance(file.parent(around), ast.ListComp | ast.SetComp | ast.DictComp)
    return False


def _fits(node: ast.Call, file: File) -> bool:
    """Whether the statement around is a plain one that can be put into a block, with this call alone in it."""
    around: ast.AST | None = node
    while around is not None and not isinstance(around, ast.stmt):
        if isinstance(around, ast.Lambda | ast.Await):
            return False
        around = file.parent(around)
    if not isinstance(around, ast.Expr | ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Return | ast.Assert):
        return False
    if isinstance(file.parent(around), ast.ClassDef):
        return False
    calls = [
        one
        for one in ast.walk(around)
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr in ("execute", "scalar")
    ]
    mine = [one for one in calls if called(one, file).startswith("sqlalchemy.Engine.")]
    return len(mine) == 1
