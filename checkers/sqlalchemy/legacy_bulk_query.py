"""Rows are updated or deleted through `session.query(...).update()` or `.delete()` of SQLAlchemy 1.

## Why
Both belong to the legacy `Query`. `update()` and `delete()` as statements say what they are from the beginning, work
with an `AsyncSession`, and can return the rows they touched.

## Example
```python
db.query(User).filter(User.id == 5).update({"name": name}, synchronize_session=False)
gone = db.query(Token).filter_by(user_id=5).delete()
```
Use instead:
```python
db.execute(update(User).where(User.id == 5).values({"name": name}).execution_options(synchronize_session=False))
gone = db.execute(delete(Token).filter_by(user_id=5)).rowcount
```

## Fix safety
The same statement is run, and objects in the session are brought up to date in the same way: what
`synchronize_session` said is kept, and the default is the same for both forms. `.rowcount` is read where the number
was used. It is unsafe where the type of the session or of the entity is not known and both are told by their use.

Left to a person: `update_args=`, values in an order of their own, and what raises already, as `update()` behind a join
or a limit does.

## Limits
As for `legacy-query`: what is returned or passed on is only reported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.queries import GUIDE, LIBRARIES
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

from .query_abroad import may_hold
from .query_findings import hits

CODE = "TUS451"


@rule(
    CODE,
    "legacy-bulk-query",
    on=ast.Module,
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    where=lambda facts, types, config: not {"update", "delete"}.isdisjoint(facts.attributes) and may_hold(facts, types),
    url=GUIDE,
    effort=3,
    step="sqlalchemy-queries",
    prepares=True,
)
def check(node: ast.Module, file: File) -> Iterator[Hit]:
    yield from hits(file, CODE, dml=True)
