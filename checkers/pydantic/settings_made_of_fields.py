"""Settings are made by `create_model` of fields that are not written out, and Pydantic 2 validates their defaults.

## Why
Pydantic 1 took `create_model("Settings", __base__=BaseSettings, url=(str, Field(None)))` for an optional field. In
version 2 None does not belong to `str`, and settings validate their defaults, so that the settings **cannot be read at
all**: `ValidationError` where the first object is made, often while the project is imported.

## Example
```python
Settings = create_model(
    "Settings",
    __base__=BaseSettings,
    **{one.name: (one.type, one.field) for one in VARIABLES},
)   # (Optional[one.type] if getattr(one.field, "default", one.field) is None else one.type, one.field)
```

## Fix safety
Unsafe, and only where the fields are written as pairs within the call: which fields have the default None is asked
when the settings are made, which is what version 1 did. Whether a type takes None already is not looked at.

Elsewhere it is left to a person to give the fields whose default is None a type that None belongs to.

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

WIDE = "optional"
"""The clue of a type that becomes optional where the default is None."""


@rule(
    "TUP706",
    "settings-made-of-fields",
    on=ast.Call,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    triggers=("create_model",),
    url="https://docs.pydantic.dev/latest/concepts/pydantic_settings/#validation-of-default-values",
    effort=5,
    step="settings",
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
    pair = _pair(node)
    if pair is None:
        yield Hit(node, text, safety=Safety.MANUAL, why="what `**` holds is not known", span=file.span(node.func))
    elif isinstance(pair.elts[0], ast.Name | ast.Attribute):
        why = "which of the fields have the default None is only known when the settings are made"
        yield Hit(pair, text, WIDE, why=why)


def _pair(call: ast.Call) -> ast.Tuple | None:
    """The `(type, default)` that the call makes for each of its fields; None where it is not written there."""
    match [one.value for one in call.keywords if one.arg is None]:
        case [ast.DictComp(value=ast.Tuple(elts=[_, ast.Name() | ast.Attribute()]) as pair)]:
            return pair
    return None
