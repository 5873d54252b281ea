"""A list or dict with an underscore was shared by all objects of a model; in Pydantic 2 each object has its own.

## Why
In Pydantic 1, without `underscore_attrs_are_private`, `_seen = set()` was a plain attribute of the class: what one
object put into it, all others saw. Version 2 takes it for a private attribute and gives **every object a copy**:
caches stay empty, registries forget, and nothing warns.

## What to do
Annotate it with `ClassVar` if it is to be shared, which means the same in version 1; leave it if each object should
have had its own all along.

```python
class Crawler(BaseModel):
    _seen: ClassVar[set] = set()
```

## Limits
Found where methods of the class itself change it through `self` (`self._seen.add(url)`, `self._seen[key] = value`)
and the project shows that it was written for Pydantic 1. What is read through the class is repaired by
`private-class-attribute`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.index.extract import expression
from trueup.index.facts import Const
from trueup.libraries.pydantic.annotations import is_class_var
from trueup.libraries.pydantic.config import config_of
from trueup.libraries.pydantic.field_calls import shows_v1
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES, holds_models, is_model
from trueup.libraries.pydantic.versions import dialect
from trueup.model import Hit, Safety, Severity
from trueup.nodes import every
from trueup.registry import rule

_MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
_MAKERS = ("builtins.list", "builtins.dict", "builtins.set", "collections.defaultdict", "collections.deque",
           "collections.OrderedDict", "collections.Counter")  # fmt: skip
_CHANGES = frozenset(
    {"add", "append", "appendleft", "clear", "discard", "extend", "insert", "pop", "popitem", "remove", "setdefault",
     "sort", "update"}
)  # fmt: skip


@rule(
    "TUP208",
    "shared-private-attribute",
    on=ast.ClassDef,
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    libraries=LIBRARIES,
    where=holds_models,
    triggers=("._*",),
    url=GUIDE + "#changes-to-pydanticbasemodel",
    effort=5,
    step="config",
    at_first=True,
)
def attributes(node: ast.ClassDef, file: File) -> Iterable[Hit]:
    """The bodies of models."""
    found: dict[str, ast.Assign | ast.AnnAssign] = {}
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
                if name.startswith("_") and not name.startswith("__") and _is_mutable(statement.value, file):
                    found[name] = statement
    facts = file.class_at(node) if found else None
    if facts is None or dialect(file.types) != "1" or not shows_v1(file.types):
        return
    cls = file.qualified(facts)
    if not is_model(file.types, cls, file.config.base_models):
        return
    private = config_of(file.types, cls, "underscore_attrs_are_private")
    if private is not None and private != Const("bool", "False"):
        return
    for name, statement in found.items():
        if isinstance(statement, ast.AnnAssign) and is_class_var(
            file.types, expression(statement.annotation), file.site(statement.annotation), final=True
        ):
            continue
        line = _changed_in_line(name, node, file)
        if line:
            text = (
                f"`{name}` was shared by all objects in Pydantic 1 (line {line} changes it), and each has a copy of "
                f"its own in 2: annotate it with `ClassVar` to share it"
            )
            yield Hit(statement, text, safety=Safety.MANUAL, why="whether it was to be shared is for its author to say")


def _is_mutable(value: ast.expr | None, file: File) -> bool:
    if isinstance(value, _MUTABLE):
        return True
    return isinstance(value, ast.Call) and file.qualname(value.func) in _MAKERS


def _changed_in_line(name: str, node: ast.ClassDef, file: File) -> int:
    """The line in which a method changes what an attribute of `self` holds; 0: none does."""
    for one in every(node):
        match one:
            case ast.Attribute(value=ast.Name(id="self"), attr=attr) if attr == name:
                outer = file.parent(one)
                match outer:
                    case ast.Subscript(ctx=ast.Store() | ast.Del()):
                        return one.lineno
                    case ast.Attribute(attr=method) if method in _CHANGES and isinstance(file.parent(outer), ast.Call):
                        return one.lineno
    return 0
