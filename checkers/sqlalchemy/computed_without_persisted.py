"""A `Computed()` column does not say whether it is stored, which SQLAlchemy 2.1 no longer decides for PostgreSQL.

## Why
2.0 always wrote `STORED` for PostgreSQL, for it knew nothing else. 2.1 writes what is said, and without that leaves it
to the database: PostgreSQL 18 makes the column virtual, older ones raise a syntax error.

## Example
```python
Column("total", Integer, Computed("price * amount"))
```
Use instead:
```python
Column("total", Integer, Computed("price * amount", persisted=True))
```

## Fix safety
Unsafe: `STORED` is written for all other databases too, where the column may have been virtual.

## Limits
Arguments behind `**` are not seen. Migrations are looked at too, for they are run again on new databases.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.core import LIBRARIES
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

from .core_calls import called, is_plain, written


@rule(
    "TUS704",
    "computed-without-persisted",
    on=ast.Call,
    severity=Severity.WARNING,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    triggers=("Computed",),
    url="https://docs.sqlalchemy.org/en/21/changelog/migration_21.html",
    effort=2,
    step="sqlalchemy-columns",
    prepares=True,
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    if written(node, file) != "Computed" or len(node.args) != 1 or not is_plain(node):
        return
    if any(k.arg == "persisted" for k in node.keywords) or called(node, file) != "sqlalchemy.Computed":
        return
    yield Hit(
        node,
        "SQLAlchemy 2.1 no longer stores a computed column of PostgreSQL by itself: say `persisted=True`",
        why="the column is stored in databases other than PostgreSQL too",
    )
