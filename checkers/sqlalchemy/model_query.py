"""A model is asked through its own `query` attribute, which is a legacy `Query` of a session nobody names.

## Why
`User.query` comes from Flask-SQLAlchemy, or from `query = Session.query_property()`. It is a `Query` of SQLAlchemy 1,
legacy in both libraries. Which session it belongs to is not to be seen where it is used, so that no machine can put
the new form there.

## Example
```python
User.query.filter_by(name=name).first()
```
Use instead:
```python
db.session.scalars(select(User).filter_by(name=name).limit(1)).first()
```

## What to do
Name the session: `db.session.scalars(select(User)...)` with Flask-SQLAlchemy, `Session.scalars(select(User)...)` with a
`scoped_session`. `User.query.get(5)` becomes `db.session.get(User, 5)`, `paginate()` is `db.paginate(select(User))`,
`first_or_404()` becomes `db.first_or_404(select(User))`. Add `.unique()` where a join multiplies the rows.

## Limits
Only models are found whose class is known.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.mapping import mapping
from trueup.libraries.sqlalchemy.queries import LIBRARIES
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Instance

from .query_chains import chain_from
from .query_items import class_of

_KINDS = ("sqlalchemy.orm.Query", "sqlalchemy.orm.QueryPropertyDescriptor")
_FLASK = "flask_sqlalchemy.model.Model"


@rule(
    "TUS405",
    "model-query",
    on=ast.Attribute,
    severity=Severity.WARNING,
    fix=Safety.MANUAL,
    libraries=LIBRARIES,
    triggers=("query",),
    where=lambda facts, types, config: "query" in facts.attributes,
    url="https://docs.sqlalchemy.org/en/20/changelog/migration_20.html#migration-orm-usage",
    effort=5,
    step="sqlalchemy-queries",
)
def check(node: ast.Attribute, file: File) -> Iterator[Hit]:
    if node.attr != "query" or not isinstance(node.ctx, ast.Load):
        return
    cls = class_of(file.type_of(node.value))
    if not cls or not mapping(file.types).is_declarative(cls):
        return
    found = file.type_of(node)
    if not isinstance(found, Instance) or not any(kind in file.types.mro(found.cls).names for kind in _KINDS):
        return
    session = "db.session" if _FLASK in file.types.mro(cls).names else "Session"
    text = file.segment(node.value)
    end = chain_from(node, file).end
    if end is not None and end.name == "get":
        new = f"{session}.get({text}, ...)"
    elif end is not None and end.name in ("paginate", "first_or_404", "one_or_404"):
        new = f"db.{end.name}(select({text})...)"
    else:
        new = f"{session}.scalars(select({text})...)"
    yield Hit(
        node,
        f"`{text}.query` is a legacy `Query` of a session that is not named: use `{new}`",
        safety=Safety.MANUAL,
        why="which session it belongs to is not to be seen here",
    )
