"""SQL as text in a route or service, where queries belong into repositories or migrations.

## Why
No rename of a column finds it, no type checker reads it, and it runs on one kind of database. What the ORM would do
beside the query (types, defaults, the session's own objects) is left out.

## Example
```python
@router.get("/stats")
def stats(db: Db) -> int:
    return db.scalar(text("SELECT count(*) FROM users WHERE deleted_at IS NULL"))
```

## What to do
Write it with `select()`. Where only text will do (a feature of one database, a long report) put it into a repository.

## Limits
Calls of SQLAlchemy's `text` with more than `SELECT 1` in functions that are certainly of a route or service.
Repositories, migrations, scripts and tests are left alone.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from trueup.file import File
from trueup.layers import ROUTER, SERVICE, layer_of
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Callee

_TEXT = ("sqlalchemy.text", "sqlalchemy.sql.expression.text", "sqlalchemy.sql.text")
_PING = re.compile(r"\s*select\s+1\s*;?\s*", re.IGNORECASE)
_STATEMENT = re.compile(r"\s*(select|insert|update|delete|with)\s", re.IGNORECASE)


@rule(
    "TUC106",
    "sql-as-text",
    on=ast.Call,
    names=("text",),
    severity=Severity.ADVICE,
    fix=Safety.MANUAL,
    libraries=("sqlalchemy", "sqlmodel"),
    triggers=("text",),
    where=lambda facts, types, config: "text" in facts.called or any(one.attr == "text" for one in facts.scope.imports),
    effort=10,
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    callee = file.type_of(node.func)
    if not isinstance(callee, Callee) or not callee.qualname.startswith("sqlalchemy.") or not node.args:
        return
    if callee.qualname.rpartition(".")[2] != "text":
        return
    written = _written(node.args[0])
    facts = file.function_at(node)
    if facts is None or not _STATEMENT.match(written) or _PING.fullmatch(written):
        return
    layer = layer_of(file.types, file.function_symbol(facts), file.config)
    if layer in (ROUTER, SERVICE):
        yield Hit(
            node,
            f"`{facts.qualname}` is part of a {layer} and has SQL as text, which no tool reads: write it with "
            "`select()`, or put it into a repository",
        )


def _written(node: ast.expr) -> str:
    """The text where it is written out: what is put together names tables that `select()` could not be given."""
    return str(node.value) if isinstance(node, ast.Constant) else ""
