"""A query is made with `session.query(...)`, the API of SQLAlchemy 1 that `select()` took the place of.

## Why
`Query` is legacy since 2.0: it gets no new features, type checkers know little of what it returns, an `AsyncSession`
has none, and from 2.1 on `session.execute()` no longer takes one. What it does besides building SQL is easy to miss:
it drops duplicates, adds `LIMIT 1` to `first()`, and is run anew each time it is iterated.

## Example
```python
db.query(User).filter(User.email == email).first()
db.query(Post).join(Post.tags).filter(Tag.name == "x").all()
db.query(User.id, User.name).order_by(User.name).all()
db.query(User).get(5)
```
Use instead:
```python
db.scalars(select(User).where(User.email == email).limit(1)).first()
db.scalars(select(Post).join(Post.tags).where(Tag.name == "x")).unique().all()
db.execute(select(User.id, User.name).order_by(User.name)).all()
db.get(User, 5)
```

## Fix safety
The same SQL is run and the same comes back:

- Objects are read with `scalars()`, rows with `execute()`.
- `.unique()` is added where rows can be multiplied: behind a join, a second entity, a condition that mentions another
  table or is kept in a variable, `joinedload()`, or a relationship that is always loaded by a join.
- `filter_by()` behind a join is spelled out (`where(Post.id == 1)`), as from 2.1 on it looks at all entities.
- `count()` counts a subquery, as before; without joins and limits it is written plainly.
- `scalar()` still refuses several rows, with `scalar_one_or_none()`.
- A query that is built step by step in a variable, or goes through functions, is rewritten at all its places or at
  none: a function returns the statement, and those who call it run it, in whichever file they stand, with the session
  the query had there, which is imported where it belongs to a module. Properties are such functions too, where all that
  reads them stands in their file. What says `Query` in annotations says `Select`
  then; `Query[User]`, and `list[User]` where a query is returned all the same, become `Select[Any]`, since 2.0 and 2.1
  write what is selected differently.

It is unsafe, and the finding says why, where the type of the session or of what is queried is not known and both are
told by their use (the methods of the chain, or of the variable that holds it; what is asked for; names such as `Page`,
`item_class`, `db_session`, in files that know SQLAlchemy), where a slice has computed ends, where a query is kept or
returned in the place of a list, so that it is run at once, where a function that is not private returns the query, as
code outside of the project may call it, where it is called on something of unknown type and told by its name, and where
a function of another file is given the statement, adds to it and returns it: it calls nothing on it that only a query
has, and its annotations say `Select` once nobody gives it a query any more.
`scalars().all()` is a `list` as `query.all()` was, but type checkers know it as a `Sequence`.

Left to a person, with the reason: queries that are passed to functions of other files which do more with them,
stored, or asked for their truth; that functions return which are decorated, overridden, exported by `__all__`, handed
on as values, replaced in tests, or have a name that others have where a type is not known; that are run where their
session has no name; unions; methods that have no counterpart; `query(*columns)` where it is not known that these are
columns; what may be a class or a column, where it is read (it does not matter to `count()`, `get()`, subqueries, bulk
updates). Where a project has `sessionmaker(query_cls=...)` or listens to
`before_compile`, all its queries are: these often hide rows, and statements would show them.

## Limits
Where nothing tells whether an object of unknown type is a session, there is no finding, and `migrate-v2` lists the
place as undecided. Functions given to `AsyncSession.run_sync()` keep their queries. Sessions of SQLModel, which has an
`exec()`, are not this rule's business, and neither are updates and deletes. It needs SQLAlchemy 1.4 at least.
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

CODE = "TUS401"


@rule(
    CODE,
    "legacy-query",
    on=ast.Module,
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    where=lambda facts, types, config: may_hold(facts, types),
    url=GUIDE,
    effort=3,
    step="sqlalchemy-queries",
    prepares=True,
)
def check(node: ast.Module, file: File) -> Iterator[Hit]:
    yield from hits(file, CODE, dml=False)
