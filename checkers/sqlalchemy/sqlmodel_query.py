"""A session of SQLModel is asked by `session.query(...)`, which SQLModel has deprecated in favour of `exec()`.

## Why
`query()` of SQLModel's session is marked as deprecated: nothing in it is typed, and it is the API of SQLAlchemy 1.
`exec(select(Hero))` gives heroes, not rows.

## Example
```python
session.query(Hero).filter(Hero.age > 18).all()
```
Use instead:
```python
session.exec(select(Hero).where(Hero.age > 18)).all()
```

## What to do
Take `select` from `sqlmodel`. `exec()` of one entity or column gives the values themselves, without `scalars()`;
several give rows. `first()` does not add a LIMIT: say `limit(1)`. Where a joined collection is loaded, say
`unique()` before the rows are read. `exec(update(...))` and `exec(delete(...))` take the place of `query.update()` and
`query.delete()`.

## Limits
Sessions of unknown type are left alone; those of SQLAlchemy are the business of `legacy-query`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.sessions import is_sqlmodel_session
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUS901",
    "sqlmodel-query",
    on=ast.Call,
    severity=Severity.WARNING,
    fix=Safety.MANUAL,
    libraries=("sqlmodel",),
    triggers=("query",),
    where=lambda facts, types, config: "query" in facts.attributes,
    url="https://sqlmodel.tiangolo.com/tutorial/select/",
    effort=3,
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    func = node.func
    if not isinstance(func, ast.Attribute) or func.attr != "query" or not node.args:
        return
    if is_sqlmodel_session(file.types, file.type_of(func.value)):
        entities = ", ".join(file.segment(arg) for arg in node.args)
        message = f"`query()` of SQLModel's session is deprecated: say `exec(select({entities})...)`"
        yield Hit(node, message, safety=Safety.MANUAL)
