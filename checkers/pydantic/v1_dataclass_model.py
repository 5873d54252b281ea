"""A data class is asked for its `__pydantic_model__`, which Pydantic 2 does not have.

## Why
In version 1 a data class of Pydantic had a model behind it, `Point.__pydantic_model__`. Version 2 validates data
classes themselves: the attribute raises `AttributeError`.

## Example
```python
Point.__pydantic_model__.schema()         # TypeAdapter(Point).json_schema()
Point.__pydantic_model__.parse_obj(data)  # TypeAdapter(Point).validate_python(data)
Point.__pydantic_model__.parse_raw(text)  # TypeAdapter(Point).validate_json(text)
```

## Fix safety
Unsafe: the result is an object of the data class, where it was one of the model behind it, and a schema is laid out
another way. Everything else that is asked of `__pydantic_model__` is left to a person: `__pydantic_fields__` has the
fields of the class.

## Limits
Only data classes of the project are known to be such.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.dataclasses import PYDANTIC, dataclass_of
from trueup.libraries.pydantic.models import GUIDE, classes_of
from trueup.libraries.pydantic.versions import is_guarded
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

OLD = "__pydantic_model__"
_METHODS = {
    "schema": "json_schema",
    "parse_obj": "validate_python",
    "parse_raw": "validate_json",
    "validate": "validate_python",
}


@rule(
    "TUP664",
    "v1-dataclass-model",
    on=ast.Attribute,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=("pydantic",),
    triggers=(OLD,),
    url=GUIDE + "#changes-to-dataclasses",
    step="types",
)
def used(node: ast.Attribute, file: File) -> Iterable[Hit]:
    """Reads of the attribute."""
    if node.attr != OLD or not isinstance(node.ctx, ast.Load) or is_guarded(node, file.parent, "TypeAdapter"):
        return
    pairs = classes_of(file.type_of(node.value)) or []
    if not pairs or any(dataclass_of(file.types, cls) != PYDANTIC for cls, _ in pairs):
        return
    text = f"a data class has no `{OLD}` in Pydantic 2: use a `TypeAdapter`"
    method = file.parent(node)
    call = file.parent(method) if isinstance(method, ast.Attribute) else None
    if isinstance(method, ast.Attribute) and isinstance(call, ast.Call) and call.func is method:
        new = _METHODS.get(method.attr, "")
        plain = not call.keywords and len(call.args) == (0 if method.attr == "schema" else 1)
        if new and plain and all(is_class for _, is_class in pairs):
            why = "the result is an object of the data class, or a schema of Pydantic 2"
            yield Hit(method, f"{text}, `TypeAdapter(...).{new}()`", new, why=why, span=file.span(node))
            return
    why = "what is asked of it has no counterpart that a machine could put there"
    yield Hit(node, f"{text}, or `__pydantic_fields__`", safety=Safety.MANUAL, why=why)
