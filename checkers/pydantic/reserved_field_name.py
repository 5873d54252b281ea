"""A field has a name that Pydantic 2 needs for itself: `model_config`, `model_fields`, `model_dump`.

## Why
Version 2 gave all of its methods and attributes names that begin with `model_`. A field of such a name makes the
class fail (`NameError: Field "model_dump" conflicts with member ...`) or takes the place of the method, with a
`UserWarning`.

## What to do
Give the field another name, and its old one as alias, so that requests and responses stay as they are:

```python
class Job(BaseModel):
    fields_of_model: dict = Field(alias="model_fields")
```

and pass `by_alias=True` where the object is dumped (FastAPI does).

## Limits
Other names with `model_` in front (`model_id`, `model_name`) are fine since version 2.10.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.index.extract import expression
from trueup.libraries.pydantic.annotations import is_class_var
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES, holds_models, is_model
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_MEMBERS = frozenset(
    {"model_computed_fields", "model_config", "model_construct", "model_copy", "model_dump", "model_dump_json",
     "model_extra", "model_fields", "model_fields_set", "model_json_schema", "model_parametrized_name",
     "model_post_init", "model_rebuild", "model_validate", "model_validate_json", "model_validate_strings"}
)  # fmt: skip
_PREFIXES = ("model_dump", "model_validate")


@rule(
    "TUP304",
    "reserved-field-name",
    on=ast.AnnAssign,
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    libraries=LIBRARIES,
    where=holds_models,
    triggers=("model_*",),
    url=GUIDE + "#changes-to-pydanticbasemodel",
    effort=15,
    step="fields",
)
def field(node: ast.AnnAssign, file: File) -> Iterable[Hit]:
    """Fields of models, one by one."""
    owner = file.parent(node)
    if not isinstance(owner, ast.ClassDef) or not isinstance(node.target, ast.Name):
        return
    name = node.target.id
    if name not in _MEMBERS and not name.startswith(_PREFIXES):
        return
    facts = file.class_at(owner)
    if facts is None or not is_model(file.types, file.qualified(facts), file.config.base_models):
        return
    if is_class_var(file.types, expression(node.annotation), file.site(node.annotation)):
        return
    if name == "model_config" and isinstance(node.value, ast.Call | ast.Dict):
        return  # the config of version 2, annotated
    what = "is a member of" if name in _MEMBERS else "begins like a method of"
    text = f'`{name}` {what} every model in Pydantic 2: give the field another name, and `Field(alias="{name}")`'
    severity = None if name in _MEMBERS else Severity.WARNING
    yield Hit(node, text, safety=Safety.MANUAL, severity=severity)
