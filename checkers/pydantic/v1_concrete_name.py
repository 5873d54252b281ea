"""A generic model names its variants with `__concrete_name__`, which Pydantic 2 never calls.

## Why
`Page[User]` is a class of its own, and its name stands in schemas and in the OpenAPI document. A generic model of
version 1 could make that name in `__concrete_name__`. Version 2 asks `model_parametrized_name` instead and ignores
the old method without a word: the names of components change, and with them whatever is generated from the OpenAPI
document.

## Example
```python
@classmethod
def __concrete_name__(cls, params):  # def model_parametrized_name(cls, params):
    return f"{params[0].__name__}Page"
```

## Fix safety
Safe: the new method gets the same argument and returns the same name. Calls, `super().__concrete_name__(params)` say,
get the new name too.

## Limits
Only classes that are known to be models are looked at, and calls on them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.models import LIBRARIES, classes_of, is_model
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

OLD, NEW = "__concrete_name__", "model_parametrized_name"


@rule(
    "TUP642",
    "v1-concrete-name",
    on=(ast.FunctionDef, ast.Attribute),
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=(OLD,),
    url="https://docs.pydantic.dev/latest/concepts/models/#generic-models",
    step="roots",
)
def used(node: ast.FunctionDef | ast.Attribute, file: File) -> Iterable[Hit]:
    """The method, and its calls."""
    if isinstance(node, ast.FunctionDef):
        owner = file.parent(node)
        klass = file.class_at(owner) if node.name == OLD and isinstance(owner, ast.ClassDef) else None
        if klass is None or NEW in klass.methods or not is_model(file.types, file.qualified(klass), _roots(file)):
            return
        text = f"Pydantic 2 never calls `{OLD}`, so that the names of `{klass.name}[...]` change: call it `{NEW}`"
        yield Hit(node, text, NEW, span=file.header(node))
    elif node.attr == OLD and isinstance(node.ctx, ast.Load):
        found = classes_of(file.type_of(node.value)) or []
        own = file.class_at(node) if _is_super(node.value) else None
        classes = [file.qualified(own)] if own is not None else [cls for cls, _ in found]
        if classes and all(is_model(file.types, cls, _roots(file)) for cls in classes):
            yield Hit(node, f"`{OLD}` is `{NEW}` in Pydantic 2: call that", NEW)


def _roots(file: File) -> tuple[str, ...]:
    return tuple(file.config.base_models)


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
