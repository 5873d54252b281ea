"""The columns of a statement are read as if it were a table: `select(users).c.name`.

## Why
`.c` of a `select()` made a subquery that nobody saw, a new one in some places, so that columns and FROM did not
belong together. 2.0 warns, and 2.1 has no `.c` there: `AttributeError`.

## Example
```python
recent = select(posts.c.user_id, func.count().label("number")).group_by(posts.c.user_id)
select(users).join(recent, recent.c.user_id == users.c.id)
```
Use instead:
```python
recent = select(posts.c.user_id, func.count().label("number")).group_by(posts.c.user_id).subquery()
select(users).join(recent, recent.c.user_id == users.c.id)
```

## What to do
Make one subquery (`subquery()`, or `cte()`), give it a name, and use that wherever the statement stands in a FROM or
its columns are read. For the expressions that a statement selects, say `selected_columns`.

## Limits
Statements of unknown type are left alone, and so are statements in a FROM whose columns nobody reads.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.core import LIBRARIES, MIGRATION
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Instance


@rule(
    "TUS512",
    "columns-of-select",
    on=ast.Attribute,
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    libraries=LIBRARIES,
    triggers=("c", "columns"),
    where=lambda facts, types, config: not {"c", "columns"}.isdisjoint(facts.attributes),
    url=MIGRATION + "#a-select-is-no-longer-implicitly-a-from-clause",
    effort=5,
    step="sqlalchemy-core",
)
def check(node: ast.Attribute, file: File) -> Iterator[Hit]:
    if node.attr not in ("c", "columns") or not isinstance(node.value, ast.Name | ast.Attribute | ast.Call):
        return
    one = file.type_of(node.value)
    if isinstance(one, Instance) and file.types.is_subclass(one.cls, "sqlalchemy.SelectBase"):
        if isinstance(file.parent(node), ast.Call) and node.attr == "columns":
            return  # text(...).columns(...)
        if isinstance(node.value, ast.Name) and _is_subquery(node.value, file):
            return
        yield Hit(
            node,
            f"a statement has no `.{node.attr}` in SQLAlchemy 2.1: make one `subquery()` of it and use that, "
            "or read `selected_columns`",
            safety=Safety.MANUAL,
        )


def _is_subquery(node: ast.Name, file: File) -> bool:
    """Whether a variable holds a subquery after all, whatever its annotation says: `q: Select = select(x).alias()`."""
    for one in ast.walk(file.tree):
        match one:
            case ast.AnnAssign(
                target=ast.Name(id=name), value=ast.Call(func=ast.Attribute(attr="alias" | "subquery" | "cte"))
            ) if name == node.id:
                return True
    return False
