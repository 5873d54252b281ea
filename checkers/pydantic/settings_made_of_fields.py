"""Settings are made by `create_model` of fields that are not written out, and Pydantic 2 validates their defaults.

## Why
Pydantic 1 took `create_model("Settings", __base__=BaseSettings, url=(str, Field(None)))` for an optional field. In
version 2 None does not belong to `str`, and settings validate their defaults, so that the settings **cannot be read at
all**: `ValidationError` where the first object is made, often while the project is imported.

## What to do
Give the fields whose default is None a type that None belongs to:

```python
create_model(
    "Settings",
    __base__=BaseSettings,
    **{one.name: (Optional[one.type] if one.field.default is None else one.type, one.field) for one in VARIABLES},
)
```

## Limits
Reported where fields come from `**` and the base is known to be settings, without `validate_default` in their config,
in projects that are not written for Pydantic 2 alone. Fields that are written out are not looked at.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.config import config_of
from trueup.libraries.pydantic.models import LIBRARIES, is_settings
from trueup.libraries.pydantic.versions import dialect
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import ClassObject


@rule(
    "TUP706",
    "settings-made-of-fields",
    on=ast.Call,
    severity=Severity.WARNING,
    fix=Safety.MANUAL,
    libraries=LIBRARIES,
    triggers=("create_model",),
    url="https://docs.pydantic.dev/latest/concepts/pydantic_settings/#validation-of-default-values",
    effort=5,
    step="settings",
    at_first=True,
)
def made(node: ast.Call, file: File) -> Iterable[Hit]:
    """The calls, one by one."""
    base = next((one.value for one in node.keywords if one.arg == "__base__"), None)
    if base is None or all(one.arg is not None for one in node.keywords):
        return
    if file.qualname(node.func) != "pydantic.create_model" or dialect(file.types) == "2":
        return
    held = file.type_of(base)
    if not isinstance(held, ClassObject) or not is_settings(file.types, held.cls):
        return
    if config_of(file.types, held.cls, "validate_default") is not None:
        return
    text = (
        "settings validate their defaults in Pydantic 2: with `(str, Field(None))` among these fields, which Pydantic "
        "1 took for optional, the settings cannot be read: make it `Optional[str]`"
    )
    yield Hit(node, text, why="what `**` holds is not known", span=file.span(node.func))
