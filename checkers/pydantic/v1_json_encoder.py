"""`pydantic_encoder` of Pydantic 1 is used: `to_jsonable_python` of `pydantic_core` does its work in version 2.

## Why
`pydantic.json.pydantic_encoder` and `custom_pydantic_encoder` warn (`PydanticDeprecatedSince20`) whenever they are
called and go in 3.0.

## Example
```python
json.dumps(data, default=pydantic_encoder)  # json.dumps(data, default=to_jsonable_python)
```

## Fix safety
Unsafe: a `Decimal` is written as text where it was a number, a `timedelta` as `PT1M30S` where it was a number of
seconds, and what cannot be encoded raises `PydanticSerializationError`, a `ValueError`, where it was a `TypeError`.

Where a `TypeError` is caught around it, a `ValueError` is caught too from then on.

Left to a person: `custom_pydantic_encoder` (the encoders go to `PlainSerializer` or to a function that falls back on
`to_jsonable_python`).

## Limits
The encoder named by a string (`"pydantic.json.pydantic_encoder"`) is not seen.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES
from trueup.libraries.pydantic.versions import is_guarded
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

CAUGHT = "pydantic_encoder caught"
"""The clue where a `TypeError` is caught around the encoder."""
_OLD = {
    f"{module}.{name}": name
    for module in ("pydantic.json", "pydantic.deprecated.json")
    for name in ("pydantic_encoder", "custom_pydantic_encoder")
}


@rule(
    "TUP104",
    "v1-json-encoder",
    on=(ast.Name, ast.Attribute),
    severity=Severity.WARNING,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    triggers=("pydantic_encoder", "custom_pydantic_encoder"),
    url=GUIDE + "#changes-to-pydanticbasemodel",
    step="methods",
)
def used(node: ast.Name | ast.Attribute, file: File) -> Iterable[Hit]:
    """Uses of the encoders."""
    name = node.attr if isinstance(node, ast.Attribute) else node.id
    if not isinstance(node.ctx, ast.Load):
        return
    if isinstance(node, ast.Name) and name not in _OLD.values():
        imports = file.project.names(file.facts.scope).imports.get(name, ())
        if not any(one.attr in _OLD.values() for one in imports):
            return
    elif isinstance(node, ast.Attribute) and name not in _OLD.values():
        return
    found = _OLD.get(file.qualname(node) or "")
    if found is None or is_guarded(node, file.parent, "to_jsonable_python"):
        return
    text = f"`{found}` is deprecated in Pydantic 2: use `pydantic_core.to_jsonable_python`"
    if found == "custom_pydantic_encoder":
        why = "own encoders belong into a function that falls back on `to_jsonable_python`"
        yield Hit(node, f"{text}; {why}", safety=Safety.MANUAL, why=why)
    elif _expects_type_error(node, file):
        why = "what cannot be encoded raises a `ValueError` now, and a `TypeError` is caught here"
        risk = f"{why}: any `ValueError` is caught from then on"
        yield Hit(node, f"{text}; {why}", CAUGHT, why=risk)
    else:
        why = "decimals and durations become text, and what cannot be encoded raises a `ValueError`, no `TypeError`"
        yield Hit(node, text, found, why=why)


def _expects_type_error(node: ast.AST, file: File) -> bool:
    """Whether a `try` around a place, in the same function, catches `TypeError` and not `ValueError`."""
    inner, outer = node, file.parent(node)
    while outer is not None and not isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        if isinstance(outer, ast.Try) and inner in outer.body:
            caught = [
                file.qualname(one)
                for handler in outer.handlers
                if handler.type is not None
                for one in (handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type])
            ]
            if "builtins.TypeError" in caught and "builtins.ValueError" not in caught:
                return True
        inner, outer = outer, file.parent(outer)
    return False
