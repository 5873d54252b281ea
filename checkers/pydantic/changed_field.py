"""A field of a finished model is changed (`field.required = False`), which Pydantic 2 refuses or does not notice.

## Why
The values of `__fields__` did the validation in Pydantic 1: what was set of one, changed what the model takes. In
version 2 they are `FieldInfo`, which only describe: setting `required`, `allow_none`, `type_` and the like raises
`AttributeError`, and setting `default`, `alias` or `annotation` **has no effect**, since the model's validator was
made with the class.

## Example
```python
for field in model.__fields__.values():    # for field in model.model_fields.values():
    field.required = False                 #     if field.is_required():
                                           #         field.default = None
    field.allow_none = True                #     field.annotation = Optional[field.annotation]
                                           # model.model_rebuild(force=True)
```

## Fix safety
Unsafe: a loop that does nothing but make fields optional sets what version 2 reads, and has the model made again. The
JSON schema of the fields allows `null` then, which version 1 did not say, and a model in which a name cannot be
resolved yet raises there. All else is left to a person: make a new model from the old one.

```python
def optional(model: type[BaseModel]) -> type[BaseModel]:
    fields = {}
    for name, field in model.model_fields.items():
        field = copy(field)
        field.default = None
        fields[name] = (Optional[field.annotation], field)
    return create_model(model.__name__, __base__=model, **fields)
```

## Limits
Found are the values of `__fields__`, whatever that is read from, and what is annotated with `ModelField`.
`default`, `alias` and `annotation` of `model_fields` are left alone: they work together with `model_rebuild`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.field_values import STILL_THERE, SWITCHES, changes_field, loosened
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES
from trueup.libraries.pydantic.versions import is_guarded, keeps_v1
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_SILENT = ("annotation", "default_factory", *STILL_THERE)


@rule(
    "TUP106",
    "changed-field",
    on=ast.Attribute,
    names=SWITCHES,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    triggers=("__fields__", "model_fields", "ModelField", "FieldInfo"),
    url=GUIDE + "#changes-to-pydanticbasemodel",
    effort=20,
    step="methods",
)
def changed(node: ast.Attribute, file: File) -> Iterable[Hit]:
    """What is set of the values of `__fields__`."""
    if not changes_field(node, file.type_of, None if keeps_v1(file.types) else file.parent):
        return
    if is_guarded(node, file.parent, "model_fields"):
        return
    around = file.parent(file.parent(node) or node)
    if isinstance(around, ast.For) and _is_repaired(around, file):
        return
    what = "does not change the model" if node.attr in _SILENT else "raises"
    text = f"setting `.{node.attr}` of a field {what} in Pydantic 2: make a new model with `create_model`"
    why = "a model is validated by what was made of its fields when the class was made"
    yield Hit(node, text, safety=Safety.MANUAL, why=why)


@rule(
    "TUP106",
    "changed-field",
    on=ast.For,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    triggers=("__fields__", "model_fields", "ModelField", "FieldInfo"),
    url=GUIDE + "#changes-to-pydanticbasemodel",
    effort=20,
    step="methods",
)
def loop(node: ast.For, file: File) -> Iterable[Hit]:
    """Loops that a machine can write anew."""
    if not _is_repaired(node, file):
        return
    model, switches = loosened(node, file.type_of) or ("", ())
    text = (
        f"setting {' and '.join(f'`.{name}`' for name in switches)} of fields raises in Pydantic 2: set `default` and "
        f"`annotation`, and call `{model}.model_rebuild(force=True)`"
    )
    why = "the JSON schema allows `null` for the fields, and a model with names that are not known yet raises"
    yield Hit(node, text, clue=model, why=why, span=file.span(node.iter))


def _is_repaired(loop: ast.For, file: File) -> bool:
    """Whether a loop is one that a machine can write anew: not while a class is being made."""
    if loosened(loop, file.type_of) is None or is_guarded(loop, file.parent, "model_fields"):
        return False
    around = file.parent(loop)
    while around is not None and not isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef):
        around = file.parent(around)
    return not isinstance(around, ast.FunctionDef) or around.name != "__init_subclass__"
