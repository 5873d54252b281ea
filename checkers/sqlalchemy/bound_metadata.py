"""Metadata, a table or a text is bound to an engine, or relies on that: `MetaData(bind=engine)`, `table.create()`.

## Why
There is no bound metadata in 2.0: `MetaData(bind=engine)`, `metadata.create_all()` and `text(sql, bind=engine)` raise
`TypeError`. `metadata.bind = engine` raises nothing and has no effect.

## Example
```python
def upgrade():
    metadata = MetaData(bind=op.get_bind())
    metadata.reflect(only=["users"])
```
Use instead:
```python
def upgrade():
    metadata = MetaData()
    metadata.reflect(bind=op.get_bind(), only=["users"])
```

## Fix safety
Safe in a function, where `reflect()`, `create_all()` and `drop_all()` of the metadata get the engine; all places
together. It runs under 1.4 too. In a module it is unsafe: other files may rely on the engine.

There is no fix elsewhere: hand the engine or a connection to `create_all()`, `create()` and `reflect()`, say
`autoload_with=engine` for tables, and run statements with a connection or a session.

## Limits
Metadata of unknown type is left alone. What is run by a bound engine is the business of `connectionless-execution`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.core import LIBRARIES, MIGRATION
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Instance

from .core_calls import called, is_plain

_ASKING = ("create_all", "drop_all", "reflect")
_METADATA = "sqlalchemy.MetaData"
_BOUND = frozenset(f"{_METADATA}.{name}" for name in _ASKING)
_TABLES = frozenset({"sqlalchemy.Table.create", "sqlalchemy.Table.drop"})
_TAKERS = frozenset({"sqlalchemy.text", "sqlalchemy.DDL", "sqlalchemy.CreateTable", "sqlalchemy.DropTable"})
_ENGINES = ("sqlalchemy.Engine", "sqlalchemy.Connection")
_ELSEWHERE = "what other files do with this metadata raises where it relied on the engine"


@rule(
    "TUS511",
    "bound-metadata",
    on=(ast.Call, ast.Assign),
    names=(*_ASKING, "create", "drop", "MetaData", "bind="),
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=("MetaData", "bind", *_ASKING, "create", "drop"),
    url=MIGRATION + "#implicit-and-connectionless-execution-bound-metadata-removed",
    effort=5,
    step="sqlalchemy-core",
    prepares=lambda finding: finding.safety is Safety.SAFE,
)
def check(node: ast.Call | ast.Assign, file: File) -> Iterator[Hit]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Attribute) and target.attr == "bind" and _is_metadata(target.value, file):
                message = (
                    "`metadata.bind` has no effect in SQLAlchemy 2: hand the engine to `create_all()` and `reflect()`, "
                    "and run statements with a connection or a session"
                )
                yield Hit(target, message, safety=Safety.MANUAL)
        return
    last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if last in (*_ASKING, "create", "drop"):
        yield from _unbound(node, last, file)
        return
    bind = next((keyword for keyword in node.keywords if keyword.arg == "bind"), None)
    if bind is None and not (len(node.args) == 1 and last.endswith("MetaData")):
        return
    if bind is not None and isinstance(bind.value, ast.Constant) and bind.value.value is None:
        return
    name = called(node, file)
    if name in _TAKERS and bind is not None:
        message = f"`{last}()` takes no `bind=` in SQLAlchemy 2: run it with a connection"
        yield Hit(node, message, safety=Safety.MANUAL, span=file.span(bind))
    elif name == _METADATA:
        yield from _made(node, bind.value if bind is not None else node.args[0], bind is not None, file)


def _made(node: ast.Call, engine: ast.expr, by_keyword: bool, file: File) -> Iterator[Hit]:
    if not by_keyword:
        one = file.type_of(engine)
        if not isinstance(one, Instance) or one.cls not in _ENGINES:
            return
    message = "`MetaData()` takes no engine in SQLAlchemy 2: hand it to `create_all()`, `reflect()` and the like"
    uses = _uses(node, file)
    if uses is None or not _is_plain_engine(engine):
        yield Hit(node, message, safety=Safety.MANUAL)
        return
    group = f"bound-metadata:{file.path}:{node.lineno}"
    safety = None if file.function_at(node) is not None else Safety.UNSAFE
    why = _ELSEWHERE if safety else ""
    members = len(uses) + 1
    yield Hit(node, message, clue="", safety=safety, why=why, group=group, members=members)
    for use in uses:
        name = use.func.attr if isinstance(use.func, ast.Attribute) else ""
        text = f"`{name}()` asks for an engine in SQLAlchemy 2: say `bind=`"
        code = file.segment(engine)
        yield Hit(use, text, clue=code, safety=safety, why=why, group=group, members=members)


def _uses(node: ast.Call, file: File) -> list[ast.Call] | None:
    """The calls of the metadata's methods that need an engine; None where it is not held by one variable."""
    assign = file.parent(node)
    match assign:
        case ast.Assign(targets=[ast.Name(id=name)]):
            pass
        case _:
            return None
    around = file.parent(assign)
    while around is not None and not isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module):
        around = file.parent(around)
    if around is None:
        return None
    held = [
        one
        for one in ast.walk(around)
        if isinstance(one, ast.Name) and one.id == name and isinstance(one.ctx, ast.Store)
    ]
    if len(held) != 1:
        return None
    return [
        one
        for one in ast.walk(around)
        if isinstance(one, ast.Call)
        and isinstance(one.func, ast.Attribute)
        and one.func.attr in _ASKING
        and isinstance(one.func.value, ast.Name)
        and one.func.value.id == name
        and _is_without_engine(one)
    ]


def _is_plain_engine(node: ast.expr) -> bool:
    """Whether an engine can be named twice: a variable, an attribute, `op.get_bind()`."""
    if isinstance(node, ast.Call):
        func = node.func
        return isinstance(func, ast.Attribute) and func.attr == "get_bind" and not node.args and not node.keywords
    return isinstance(node, ast.Name) or (isinstance(node, ast.Attribute) and _is_plain_engine(node.value))


def _is_without_engine(node: ast.Call) -> bool:
    return is_plain(node) and not node.args and all(keyword.arg != "bind" for keyword in node.keywords)


def _unbound(node: ast.Call, name: str, file: File) -> Iterator[Hit]:
    """`metadata.create_all()` and `table.create()` without an engine."""
    if not _is_without_engine(node) or not isinstance(node.func, ast.Attribute):
        return
    if called(node, file) not in (_TABLES if name in ("create", "drop") else _BOUND):
        return
    if name in _ASKING and isinstance(node.func.value, ast.Name) and _is_repaired(node, node.func.value.id, file):
        return
    message = f"`{name}()` asks for an engine or a connection in SQLAlchemy 2: hand it over"
    yield Hit(node, message, safety=Safety.MANUAL)


def _is_repaired(node: ast.Call, name: str, file: File) -> bool:
    """Whether the `MetaData(bind=...)` of a variable says the engine, so that both are repaired together."""
    for one in ast.walk(file.tree):
        if isinstance(one, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in one.targets):
            made = one.value
            if isinstance(made, ast.Call) and (made.args or any(k.arg == "bind" for k in made.keywords)):
                uses = _uses(made, file)
                if uses is not None and node in uses and called(made, file) == _METADATA:
                    engine = next((k.value for k in made.keywords if k.arg == "bind"), None) or made.args[0]
                    return _is_plain_engine(engine)
    return False


def _is_metadata(node: ast.expr, file: File) -> bool:
    one = file.type_of(node)
    return isinstance(one, Instance) and one.cls == _METADATA
