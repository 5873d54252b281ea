"""A config sets `schema_generator`, which Pydantic no longer reads.

## Why
Since Pydantic 2.10 the key has no effect; it only gives a deprecation warning when the class is made.

## Example
```python
model_config = ConfigDict(schema_generator=Own, extra="forbid")  # ConfigDict(extra="forbid")
```

## Fix safety
Safe: the key goes, which changes nothing. The class it named may be unused afterwards.

## Limits
Only a keyword of `ConfigDict`, and a key of a dict that is assigned to `model_config`, are seen.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.models import LIBRARIES, is_model
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_KEY = "schema_generator"
_MAKERS = ("pydantic.ConfigDict", "pydantic.config.ConfigDict", "pydantic_settings.SettingsConfigDict")


@rule(
    "TUP544",
    "schema-generator-key",
    on=(ast.Call, ast.Dict),
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    versions="pydantic>=2.10",
    triggers=(_KEY,),
    url="https://docs.pydantic.dev/latest/api/config/",
    step="config",
)
def configured(node: ast.Call | ast.Dict, file: File) -> Iterable[Hit]:
    """Calls of `ConfigDict`, and the dict of a `model_config`."""
    text = f"`{_KEY}` has no effect since Pydantic 2.10: remove it"
    if isinstance(node, ast.Call):
        given = next((one for one in node.keywords if one.arg == _KEY), None)
        if given is not None and file.qualname(node.func) in _MAKERS:
            yield Hit(node, text, clue=_KEY, span=file.span(given))
        return
    key = next((one for one in node.keys if isinstance(one, ast.Constant) and one.value == _KEY), None)
    statement = file.parent(node)
    if key is None or not isinstance(statement, ast.Assign | ast.AnnAssign):
        return
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    facts = file.class_at(statement) if isinstance(file.parent(statement), ast.ClassDef) else None
    named = any(isinstance(one, ast.Name) and one.id == "model_config" for one in targets)
    if named and facts is not None and is_model(file.types, file.qualified(facts), file.config.base_models):
        yield Hit(node, text, clue=_KEY, span=file.span(key))
