"""An async engine with a sync driver in its URL, or the reverse: the first query raises.

## Why
`create_async_engine("postgresql://...")` means psycopg2, which cannot wait for a loop: SQLAlchemy raises
`InvalidRequestError` when the engine is made. `create_engine("postgresql+asyncpg://...")` is made without a word, and
raises `MissingGreenlet` at its first query.

## What to do
Write a driver that fits: `postgresql+asyncpg`, `mysql+asyncmy`, `sqlite+aiosqlite` for `create_async_engine`;
`postgresql+psycopg`, `mysql+pymysql`, `sqlite` for `create_engine`. The driver must be installed.

## Limits
Only URLs that are written in the call, or in a variable of the module, are read.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from trueup.file import File
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_ASYNC_ENGINE = frozenset({"sqlalchemy.ext.asyncio.create_async_engine"})
_SYNC_ENGINE = frozenset({"sqlalchemy.create_engine", "sqlmodel.create_engine"})
_ASYNC_DRIVERS = frozenset({"asyncpg", "aiosqlite", "aiomysql", "asyncmy", "aioodbc"})
_SYNC_DRIVERS = frozenset("psycopg2 psycopg2cffi pg8000 pysqlite pymysql mysqldb mysqlconnector pyodbc".split())
_DEFAULTS = {
    "postgresql": "psycopg2",
    "postgres": "psycopg2",
    "mysql": "mysqldb",
    "mariadb": "mysqldb",
    "sqlite": "pysqlite",
    "mssql": "pyodbc",
}
_FITTING = {
    ("postgresql", True): "postgresql+asyncpg",
    ("mysql", True): "mysql+asyncmy",
    ("mariadb", True): "mariadb+asyncmy",
    ("sqlite", True): "sqlite+aiosqlite",
    ("mssql", True): "mssql+aioodbc",
    ("postgresql", False): "postgresql+psycopg",
    ("mysql", False): "mysql+pymysql",
    ("mariadb", False): "mariadb+pymysql",
    ("sqlite", False): "sqlite",
    ("mssql", False): "mssql+pyodbc",
}


@rule(
    "TUA113",
    "driver-of-other-engine",
    on=ast.Call,
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    libraries=("sqlalchemy", "sqlmodel"),
    triggers=("create_async_engine", "create_engine"),
    where=lambda facts, types, config: bool({"create_async_engine", "create_engine"} & set(facts.called)),
    url="https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html",
    effort=5,
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    name = file.qualname(node.func)
    if name not in _ASYNC_ENGINE and name not in _SYNC_ENGINE:
        return
    given = node.args[0] if node.args else next((k.value for k in node.keywords if k.arg == "url"), None)
    found = re.match(r"([a-z0-9]+)(?:\+([a-z0-9_]+))?://", _text(given, file))
    if found is None:
        return
    wants = name in _ASYNC_ENGINE
    driver = found[2] or _DEFAULTS.get(found[1], "")
    if driver not in (_SYNC_DRIVERS if wants else _ASYNC_DRIVERS):
        return
    fitting = _FITTING.get((found[1], wants), "another driver")
    maker = "create_async_engine" if wants else "create_engine"
    kind, error = ("sync", "`InvalidRequestError`") if wants else ("async", "`MissingGreenlet` at the first query")
    yield Hit(node, f"`{maker}` with the {kind} driver `{driver}` raises {error}; use `{fitting}`")


def _text(node: ast.expr | None, file: File) -> str:
    """How a URL begins, as far as it is written out."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr) and node.values:
        return _text(node.values[0], file)
    if isinstance(node, ast.Name):
        values = [
            one.value
            for one in file.tree.body
            if isinstance(one, ast.Assign) and any(isinstance(t, ast.Name) and t.id == node.id for t in one.targets)
        ]
        held = [b for b in file.facts.scope.bindings if b.name == node.id]
        site = file.site(node)
        inside = site.function
        local = inside is not None and (
            any(one.name == node.id for one in inside.params) or any(b.name == node.id for b in inside.scope.bindings)
        )
        if len(values) == len(held) == 1 and not local and not isinstance(values[0], ast.Name):
            return _text(values[0], file)
    return ""
