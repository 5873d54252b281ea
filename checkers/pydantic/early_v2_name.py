"""A name of the first releases of Pydantic 2 that has been renamed since.

## Why
`FieldValidationInfo` became `ValidationInfo` in Pydantic 2.4, and the `general_..._validator_function` of
`pydantic_core.core_schema` became `with_info_..._validator_function`. The old names give a deprecation warning on
import or on use, and go in 3.

## Example
```python
def check(cls, value, info: FieldValidationInfo): ...  # info: ValidationInfo
core_schema.general_plain_validator_function(parse)    # core_schema.with_info_plain_validator_function(parse)
```

## Fix safety
Safe: the new names mean the same things. The `field_..._validator_function` are left to a person, for their arguments
stand in another order now.

## Limits
Names in annotations that are strings are not seen; the import stays as long as they are there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.models import LIBRARIES
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_CORE = "pydantic_core.core_schema"
_KINDS = ("before", "after", "wrap", "plain")
RENAMED = {"FieldValidationInfo": "ValidationInfo"} | {
    f"general_{kind}_validator_function": f"with_info_{kind}_validator_function" for kind in _KINDS
}
_MOVED = {f"field_{kind}_validator_function": f"with_info_{kind}_validator_function" for kind in _KINDS}
_MODULES = ("pydantic", "pydantic.functional_validators", "pydantic_core", _CORE)


@rule(
    "TUP545",
    "early-v2-name",
    on=(ast.Name, ast.Attribute),
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=(*LIBRARIES, "pydantic_core"),
    versions="pydantic>=2.4",
    triggers=("FieldValidationInfo", "*_validator_function"),
    url="https://docs.pydantic.dev/latest/concepts/validators/#validation-info",
    step="imports",
)
def used(node: ast.Name | ast.Attribute, file: File) -> Iterable[Hit]:
    """Uses of the names."""
    if not isinstance(node.ctx, ast.Load):
        return
    said = node.attr if isinstance(node, ast.Attribute) else node.id
    imported = {one.name for one in file.facts.scope.imports if one.attr in RENAMED or one.attr in _MOVED}
    if said not in imported and said not in RENAMED and said not in _MOVED:
        return
    module, _, name = (file.qualname(node) or "").rpartition(".")
    if module not in _MODULES:
        return
    if name in RENAMED:
        yield Hit(node, f"`{name}` is `{RENAMED[name]}` since Pydantic 2.4", clue=(module, name, RENAMED[name]))
    elif name in _MOVED:
        text = f"`{name}` is `{_MOVED[name]}` since Pydantic 2.4"
        why = "write `(function, schema, field_name=...)`, for the arguments stand in another order"
        yield Hit(node, f"{text}: {why}", safety=Safety.MANUAL, why=why)
