"""`json_encoders` is deprecated, and does not do in Pydantic 2 what it did before.

## Why
Version 2 keeps `json_encoders` for the migration only and warns as soon as a model has a field that one of them is
for. It applies those of the model a field belongs to, where version 1 applied those of the outermost model to all
inside it; and it calls them for plain types (`int`, `str`, `list`) too.

## What to do
Write a serializer on the field, on the type, or for all fields of a kind:

```python
UtcTime = Annotated[datetime, PlainSerializer(lambda t: t.isoformat(), when_used="json")]

class Event(BaseModel):
    at: UtcTime

    @field_serializer("ended_at", when_used="json")
    def iso(self, value: datetime) -> str:
        return value.isoformat()
```

## Limits
A `json_encoders` that still stands in a `class Config` is carried over by `v1-config-class` first.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.field_calls import given
from trueup.libraries.pydantic.models import GUIDE
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_MAKERS = ("pydantic.ConfigDict", "pydantic.config.ConfigDict", "pydantic_settings.SettingsConfigDict")


@rule(
    "TUP205",
    "json-encoders",
    on=ast.Call,
    severity=Severity.WARNING,
    fix=Safety.MANUAL,
    libraries=("pydantic", "pydantic_settings"),
    triggers=("json_encoders",),
    url=GUIDE + "#changes-to-config",
    effort=15,
    step="config",
)
def encoders(node: ast.Call, file: File) -> Iterable[Hit]:
    """Calls of `ConfigDict`."""
    value = given(node).get("json_encoders")
    if value is None or (isinstance(value, ast.Dict) and not value.keys) or file.qualname(node.func) not in _MAKERS:
        return
    text = (
        "`json_encoders` is deprecated, and Pydantic 2 no longer applies it to models inside this one: write a "
        "`@field_serializer`, or `Annotated[..., PlainSerializer(...)]`"
    )
    yield Hit(value, text, safety=Safety.MANUAL)
