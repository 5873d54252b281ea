"""An attribute with an underscore is read through its model, but becomes a private attribute of each object in Pydantic
2.

## Why
In Pydantic 1, without `underscore_attrs_are_private`, `_cache = {}` was a plain attribute of the class. Version 2
makes it private: every object gets a **copy of its own**, and `Model._cache` gives a `ModelPrivateAttr` instead of
the value, without a warning.

## Example
```python
class Registry(BaseModel):
    _known = {}                      # _known: ClassVar = {}

    @classmethod
    def add(cls, name):
        cls._known[name] = cls
```

## Fix safety
Safe: `ClassVar` is what it was.

## Limits
Only attributes that are read through the class are found (`cls._known`, `Registry._known`, `type(self)._known`; in
other files in class bodies and calls; by `getattr(cls, "_known")` anywhere, and by `getattr` on what may be a class):
that could not have worked with private attributes in either version. One that is changed through `self` alone
(`self._known[name] = ...`) was shared by all objects too, and is not any more.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.index.extract import expression
from trueup.index.facts import Const
from trueup.libraries.pydantic.annotations import is_class_var
from trueup.libraries.pydantic.class_reads import read_through_class
from trueup.libraries.pydantic.config import config_of
from trueup.libraries.pydantic.field_calls import FIELD, is_no_field, read_in_class
from trueup.libraries.pydantic.methods import is_constant
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES, holds_models, is_model
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUP203",
    "private-class-attribute",
    on=ast.ClassDef,
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    where=holds_models,
    triggers=("._*",),
    url=GUIDE + "#changes-to-pydanticbasemodel",
    effort=3,
    step="config",
    prepares=True,
)
def attributes(node: ast.ClassDef, file: File) -> Iterable[Hit]:
    """The bodies of models."""
    found: dict[str, ast.Assign | ast.AnnAssign] = {}
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
                if name.startswith("_") and not name.startswith("__"):
                    found[name] = statement
    facts = file.class_at(node) if found else None
    if facts is None or file.path.endswith(".pyi"):
        return
    cls = file.qualified(facts)
    if not is_model(file.types, cls, file.config.base_models):
        return
    private = config_of(file.types, cls, "underscore_attrs_are_private")
    if private is not None and private != Const("bool", "False"):
        return
    if config_of(file.types, cls, "keep_untouched", "ignored_types") is not None:
        return
    for name, statement in found.items():
        value = statement.value
        if value is None or is_no_field(value, file.qualname, file.type_of) or is_constant(value, ...):
            continue
        if isinstance(value, ast.Call) and file.qualname(value.func) == FIELD:
            continue
        if isinstance(statement, ast.AnnAssign) and is_class_var(
            file.types, expression(statement.annotation), file.site(statement.annotation), final=True
        ):
            continue
        line = read_in_class(name, cls, file.types, file.nodes(ast.Attribute), file.type_of)
        where = f"line {line}" if line else read_through_class(file.types, name, cls)
        if where:
            text = (
                f"`{name}` is read through the class ({where}), but Pydantic 2 gives each object a copy of its own and "
                f"the class none: annotate it with `ClassVar`"
            )
            yield Hit(statement, text)
