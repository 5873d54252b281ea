"""Rows are written with `bulk_insert_mappings()`, `bulk_update_mappings()` or `bulk_save_objects()`.

## Why
They are legacy since 2.0. `session.execute(insert(User), rows)` is as fast, can return the new rows, and exists on an
`AsyncSession`, which has none of the old ones. They are not deprecated, so nothing presses.

## Example
```python
db.bulk_insert_mappings(User, rows)
```
Use instead:
```python
db.execute(insert(User), rows)
```

## What to do
`bulk_insert_mappings(User, rows)` is `execute(insert(User), rows)`; ask first whether `rows` may be empty, for then
`insert()` writes one row of defaults. `bulk_update_mappings(User, rows)` is `execute(update(User), rows)` with the
primary key in each row. `bulk_save_objects(users)` is `add_all(users)`, which also runs events and cascades.

## Limits
Where the type of the session is not known, it is told by the name of the method, in files that import SQLAlchemy.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.queries import LIBRARIES
from trueup.libraries.sqlalchemy.sessions import is_session
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_NEW = {
    "bulk_insert_mappings": "execute(insert(...), rows)",
    "bulk_update_mappings": "execute(update(...), rows)",
    "bulk_save_objects": "add_all(...)",
}


@rule(
    "TUS452",
    "bulk-session-method",
    on=ast.Call,
    severity=Severity.ADVICE,
    fix=Safety.MANUAL,
    libraries=LIBRARIES,
    triggers=tuple(_NEW),
    where=lambda facts, types, config: not _NEW.keys().isdisjoint(facts.attributes),
    url="https://docs.sqlalchemy.org/en/20/orm/queryguide/dml.html#legacy-session-bulk-insert-methods",
    effort=5,
    step="sqlalchemy-queries",
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    func = node.func
    if not isinstance(func, ast.Attribute) or func.attr not in _NEW:
        return
    known = is_session(file.types, file.type_of(func.value))
    if known or (known is None and any(name in file.facts.imported for name in LIBRARIES)):
        yield Hit(
            node,
            f"`{func.attr}()` is legacy: `{file.segment(func.value)}.{_NEW[func.attr]}` does the same in most cases",
            safety=Safety.MANUAL,
            why="defaults, events and empty lists are treated otherwise",
        )
