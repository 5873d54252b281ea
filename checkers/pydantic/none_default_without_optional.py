"""A field has the default None and a type that None does not belong to.

## Why
In Pydantic 1 `age: int = None` made the field optional: `{"age": null}` was accepted. Pydantic 2 takes the annotation
at its word: the field may be left out, but an explicit null is **refused**, and nothing warns before the first client
sends one. In settings the default itself is checked, and the program does not start.

## Example
```python
class User(BaseModel):
    age: int = None                       # age: Optional[int] = None
    tags: List[str] = Field(None, title="Tags")  # tags: Optional[List[str]] = Field(None, title="Tags")
```

## Fix safety
Safe: the annotation says what version 1 made of it. It is written `X | None` where the file writes its types so, and
`Optional[X]` otherwise; a string stays a string, and `Annotated[int, ...]` becomes `Annotated[Optional[int], ...]`. In
a project that uses names only Pydantic 2 has it is unsafe, because there the field refuses null today. Left to a person
where the field has the name of its type (`date: date = None`), for there the name means None.

## Limits
Only a literal `None`, `Field(None)` and `Field(default=None)` are seen, not a constant or a factory that gives None.
`ClassVar`, private names, and types None belongs to (`Any`, `object`, `Literal["a", None]`, aliases of an `Optional`)
are left alone, and so are stubs (`.pyi`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from trueup.file import File
from trueup.index.extract import expression
from trueup.libraries.pydantic.annotations import FIELD, alternatives, is_class_var, is_field_name, shadows, takes_none
from trueup.libraries.pydantic.methods import is_constant
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES, holds_models, is_model
from trueup.libraries.pydantic.versions import dialect
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUP302",
    "none-default-without-optional",
    on=ast.AnnAssign,
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    where=holds_models,
    triggers=("None",),
    url=GUIDE + "#required-optional-and-nullable-fields",
    step="fields",
    prepares=True,
)
def field(node: ast.AnnAssign, file: File) -> Iterable[Hit]:
    """Fields of models, one by one."""
    owner = file.parent(node)
    if (
        not isinstance(owner, ast.ClassDef)
        or not isinstance(node.target, ast.Name)
        or not is_field_name(node.target.id)
    ):
        return
    facts = file.class_at(owner)
    if (
        facts is None
        or file.path.endswith(".pyi")
        or not is_model(file.types, file.qualified(facts), file.config.base_models)
    ):
        return
    if node.value is None or not _is_none(node.value, file):
        return
    annotation, site = expression(node.annotation), file.site(node.annotation)
    if takes_none(alternatives(file.types, annotation, site)) or is_class_var(file.types, annotation, site, final=True):
        return
    name, written = node.target.id, " ".join(file.segment(node.annotation).split())
    what = f"`{name}` has the default None, but Pydantic 2 refuses an explicit null for `{_short(written)}`"
    if shadows(name, node, owner, lazy=False):
        why = f"inside the class `{name}` means the default None: import the type by another name"
        yield Hit(node, f"{what}: {why}", safety=Safety.MANUAL, why=why)
        return
    style = file.types.once(("style of None", file.path), lambda: _style(file.text))
    text = f"{what}: write `{'... | None' if style == 'pipe' else 'Optional[...]'}`"
    if dialect(file.types) == "1":
        yield Hit(node, text, clue=style)
    else:
        yield Hit(
            node, text, clue=style, safety=Safety.UNSAFE, why="the project runs on Pydantic 2, which refuses null here"
        )


def _is_none(node: ast.expr, file: File) -> bool:
    """Whether a value is None, or a `Field` with the default None."""
    if is_constant(node, None):
        return True
    if not isinstance(node, ast.Call) or file.qualname(node.func) not in FIELD:
        return False
    if node.args:
        return is_constant(node.args[0], None)
    return any(k.arg == "default" and is_constant(k.value, None) for k in node.keywords)


def _style(text: str) -> str:
    """How the file says that something may be None: `pipe` or `optional`."""
    pipes = len(re.findall(r"\|\s*None\b|\bNone\s*\|", text))
    return "pipe" if pipes > len(re.findall(r"\bOptional\[", text)) else "optional"


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."
