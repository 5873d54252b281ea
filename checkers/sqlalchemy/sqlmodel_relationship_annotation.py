"""A `Relationship()` of SQLModel has an annotation that SQLModel cannot read, so that no class can be mapped.

## Why
SQLModel looks at the annotation itself. `"Team | None"`, `"Optional[Team]"` and `set["Hero"]` are not understood, and
under `from __future__ import annotations` none is: mapping fails at the first use, with a message about a name.

## Example
```python
team: "Optional[Team]" = Relationship(back_populates="heroes")
```
Use instead:
```python
team: Optional["Team"] = Relationship(back_populates="heroes")
```

## What to do
Quote only the name of the class. Take `from __future__ import annotations` out of modules with relationships, or say
`sa_relationship=relationship("Team", ...)`.

## Limits
Relationships with `sa_relationship=` are left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

from .core_calls import called


@rule(
    "TUS903",
    "sqlmodel-relationship-annotation",
    on=ast.AnnAssign,
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    libraries=("sqlmodel",),
    triggers=("Relationship",),
    url="https://sqlmodel.tiangolo.com/tutorial/relationship-attributes/type-annotation-strings/",
    effort=2,
)
def check(node: ast.AnnAssign, file: File) -> Iterator[Hit]:
    if not isinstance(node.value, ast.Call) or not isinstance(file.parent(node), ast.ClassDef):
        return
    if any(keyword.arg == "sa_relationship" for keyword in node.value.keywords):
        return
    if called(node.value, file) not in ("sqlmodel.Relationship", "sqlmodel.main.Relationship"):
        return
    if _has_future_annotations(file.tree):
        message = (
            "SQLModel cannot read this annotation under `from __future__ import annotations`: take the import out, or "
            "say `sa_relationship=relationship(...)`"
        )
        yield Hit(node.annotation, message, safety=Safety.MANUAL)
        return
    match node.annotation:
        case ast.Constant(value=str(text)) if not text.isidentifier() and not text.replace(".", "").isidentifier():
            message = "SQLModel cannot read a quoted annotation like this one: quote only the name of the class"
            yield Hit(node.annotation, message, safety=Safety.MANUAL)
        case ast.Subscript(value=ast.Name(id="set" | "Set" | "frozenset" | "FrozenSet")):
            message = "SQLModel has no relationships to sets: say `list[...]`"
            yield Hit(node.annotation, message, safety=Safety.MANUAL)


def _has_future_annotations(tree: ast.Module) -> bool:
    return any(
        isinstance(one, ast.ImportFrom)
        and one.module == "__future__"
        and any(alias.name == "annotations" for alias in one.names)
        for one in tree.body
    )
