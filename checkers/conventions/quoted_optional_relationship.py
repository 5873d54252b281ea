"""A `Relationship` of SQLModel annotated `"Team | None"`, which no mapper can be made of.

## Why
SQLModel hands the text between the quotes to SQLAlchemy as the name of a class. There is no class `Team | None`: the
first use of any model raises `InvalidRequestError: ... expression 'Team | None' failed to locate a name`.

## Example
```python
class Hero(SQLModel, table=True):
    team: "Team | None" = Relationship(back_populates="heroes")
```
Use instead:
```python
class Hero(SQLModel, table=True):
    team: Optional["Team"] = Relationship(back_populates="heroes")
```

## Fix safety
The fix writes `Optional["Team"]`. It is unsafe only in that the mapping works from then on.

## Limits
Annotations in quotes with a `|` on a `Relationship()` of a class below `SQLModel`. In a module with `from __future__
import annotations` no relationship of SQLModel works, however it is written: there the import is the mistake, and
there is no fix.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.mapping import mapping
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUC117",
    "quoted-optional-relationship",
    on=ast.AnnAssign,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=("sqlmodel",),
    triggers=("Relationship",),
    url="https://sqlmodel.tiangolo.com/tutorial/relationship-attributes/define-relationships-attributes/",
)
def check(node: ast.AnnAssign, file: File) -> Iterator[Hit]:
    owner, made = file.parent(node), node.value
    if not isinstance(owner, ast.ClassDef) or not isinstance(made, ast.Call) or not isinstance(node.target, ast.Name):
        return
    if (file.qualname(made.func) or "").rpartition(".")[2] != "Relationship":
        return
    facts = file.class_at(owner)
    if facts is None or not mapping(file.types).is_sqlmodel(file.qualified(facts)):
        return
    future = any(one.module == "__future__" and one.attr == "annotations" for one in file.facts.scope.imports)
    if future:
        yield Hit(
            node,
            "no `Relationship` of SQLModel can be mapped below `from __future__ import annotations`, which makes texts "
            "of annotations: take the import out of this module",
            safety=Safety.MANUAL,
            span=file.span(node.annotation),
        )
        return
    said = node.annotation
    if not isinstance(said, ast.Constant) or not isinstance(said.value, str) or "|" not in said.value:
        return
    parts = [part.strip() for part in said.value.split("|")]
    named = [part for part in parts if part != "None"]
    plain = len(parts) == 2 and len(named) == 1 and named[0].isidentifier()
    yield Hit(
        said,
        f"SQLModel looks for a class called `{said.value}`, and the first query raises: write "
        f'`Optional["{named[0] if named else "..."}"]`',
        clue=named[0] if plain else "",
        safety=None if plain else Safety.MANUAL,
        why="The mapping works from then on." if plain else "",
    )
