"""A field of a finished model is changed (`field.required = False`), which Pydantic 2 refuses or does not notice.

## Why
The values of `__fields__` did the validation in Pydantic 1: what was set of one, changed what the model takes. In
version 2 they are `FieldInfo`, which only describe: setting `required`, `allow_none`, `type_` and the like raises
`AttributeError`, and setting `default`, `alias` or `annotation` **has no effect**, since the model's validator was
made with the class.

## What to do
Make a new model from the old one:

```python
def optional(model: type[BaseModel]) -> type[BaseModel]:
    fields = {}
    for name, field in model.model_fields.items():
        field = copy(field)
        field.default = None
        fields[name] = (Optional[field.annotation], field)
    return create_model(model.__name__, __base__=model, **fields)
```

Where the same class must change, set `annotation` and `default` of its `model_fields` and call
`model_rebuild(force=True)`.

## Limits
Only fields whose type is inferred are found: values of `__fields__`, and what is annotated with `ModelField`.
`default`, `alias` and `annotation` of `model_fields` are left alone: they work together with `model_rebuild`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.methods import STILL_THERE, SWITCHES, changes_field
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES
from trueup.libraries.pydantic.versions import is_guarded
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_SILENT = ("annotation", "default_factory", *STILL_THERE)


@rule(
    "TUP106",
    "changed-field",
    on=ast.Attribute,
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    libraries=LIBRARIES,
    triggers=("__fields__", "model_fields", "ModelField", "FieldInfo"),
    url=GUIDE + "#changes-to-pydanticbasemodel",
    effort=20,
    step="methods",
)
def changed(node: ast.Attribute, file: File) -> Iterable[Hit]:
    """What is set of the values of `__fields__`."""
    if node.attr not in SWITCHES or not changes_field(node, file.type_of):
        return
    if is_guarded(node, file.parent, "model_fields"):
        return
    what = "does not change the model" if node.attr in _SILENT else "raises"
    text = f"setting `.{node.attr}` of a field {what} in Pydantic 2: make a new model with `create_model`"
    why = "a model is validated by what was made of its fields when the class was made"
    yield Hit(node, text, safety=Safety.MANUAL, why=why)
