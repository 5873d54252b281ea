"""A field has a subclass of `str`, `dict` or the like for a type, which Pydantic 2 does not take for its base.

## Why
Pydantic 1 validated a field of `class Uri(str)` as a `str`. Version 2 knows the built-in types themselves, but none
of their subclasses: `PydanticSchemaGenerationError` when the model is made, so that the module does not import. With
`arbitrary_types_allowed` the model can be made, but takes **objects of that class only**: the plain text of a request
is refused.

## What to do
Say in the class how it is validated:

```python
class Uri(str):
    @classmethod
    def __get_pydantic_core_schema__(cls, source_type, handler):
        return core_schema.no_info_after_validator_function(cls, handler(str))
```

The value is a `Uri` then; in version 1 it was what had been given, usually a plain `str`. If nothing needs the class,
annotate the field with its base, or with an `Annotated` type.

## Limits
Only fields of models are found, and only classes of the project all of whose bases are known. Types inside of
`Annotated` are not looked at.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.index.extract import expression
from trueup.index.facts import Const
from trueup.libraries.pydantic.annotations import is_field_name
from trueup.libraries.pydantic.config import config_of
from trueup.libraries.pydantic.custom_types import plain_classes
from trueup.libraries.pydantic.dataclasses import dataclass_of
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES, holds_models, is_model
from trueup.libraries.pydantic.versions import dialect
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUP724",
    "plain-subclass-field",
    on=ast.AnnAssign,
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    libraries=LIBRARIES,
    where=holds_models,
    url=GUIDE + "#defining-custom-types",
    effort=10,
    step="types",
    at_first=True,
)
def field(node: ast.AnnAssign, file: File) -> Iterable[Hit]:
    """Fields of models, one by one."""
    owner = file.parent(node)
    if not isinstance(owner, ast.ClassDef) or not isinstance(node.target, ast.Name):
        return
    if not is_field_name(node.target.id) or file.path.endswith(".pyi"):
        return
    facts = file.class_at(owner)
    if facts is None:
        return
    model = file.qualified(facts)
    found = [
        (cls, base)
        for cls, base in plain_classes(file.types, expression(node.annotation), file.site(node.annotation))
        if not dataclass_of(file.types, cls)
    ]
    if not found or not is_model(file.types, model, file.config.base_models):
        return
    classes = ", ".join(f"`{cls.rpartition('.')[2]}`" for cls, _ in found)
    bases = " and ".join(dict.fromkeys(f"`{base.rpartition('.')[2]}`" for _, base in found))
    what = f"{classes}: below {bases}, but Pydantic 2"
    todo = "write `__get_pydantic_core_schema__`, or annotate with the base"
    allowed = config_of(file.types, model, "arbitrary_types_allowed")
    if allowed is None or allowed == Const("bool", "False"):
        text = f"{what} knows no subclasses and refuses the model: {todo}"
        yield Hit(node.annotation, text, safety=Safety.MANUAL)
    elif dialect(file.types) != "2":
        text = f"{what} takes only objects of the class itself here, no plain value: {todo}"
        yield Hit(node.annotation, text, safety=Safety.MANUAL)
