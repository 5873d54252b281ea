"""The fields of a model are asked of an object, not of its class.

## Why
`model_fields` and `model_computed_fields` belong to the class. Reading them from an object is deprecated since Pydantic
2.11 and goes in 3.

## Example
```python
for name in order.model_fields:  # for name in type(order).model_fields:
    ...
```

## Fix safety
Safe: the class of the object is asked, which is where the object has them from. Left to a person where a receiver may
be an object or a class.

## Limits
Receivers whose type is not known are not looked at, nor a parameter that is annotated with a model and used as its
class (`model: BaseModel` that is called, or asked for its JSON schema).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.config import Config
from trueup.file import File
from trueup.index.facts import FileFacts
from trueup.index.project import ClassSymbol
from trueup.infer import Inference
from trueup.libraries.pydantic.models import LIBRARIES, MODEL, classes_of, is_model
from trueup.libraries.pydantic.receivers import Receivers
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_NAMES = ("model_fields", "model_computed_fields")


def _says_one(facts: FileFacts, types: Inference, config: Config) -> bool:
    return any(name in facts.attributes for name in _NAMES)


@rule(
    "TUP541",
    "model-fields-on-instance",
    on=ast.Attribute,
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=_NAMES,
    where=_says_one,
    url="https://docs.pydantic.dev/latest/concepts/fields/",
    step="validators",
)
def read(node: ast.Attribute, file: File) -> Iterable[Hit]:
    """Reads of the two attributes."""
    if node.attr not in _NAMES or not isinstance(node.ctx, ast.Load):
        return
    pairs = classes_of(file.type_of(node.value))
    if not pairs or not any(not on_class for _, on_class in pairs):
        return
    if Receivers(file.type_of, file.qualname, file.parent).is_class(node.value):
        return
    ours = [is_model(file.types, cls, file.config.base_models) for cls, _ in pairs]
    if not all(ours) or any(_has_own(cls, node.attr, file) for cls, _ in pairs):
        return
    text = f"`{node.attr}` of an object is deprecated in Pydantic 2.11: ask its class, `type(...).{node.attr}`"
    if any(on_class for _, on_class in pairs):
        why = "this may be an object or a class"
        yield Hit(node, f"{text}; {why}", safety=Safety.MANUAL, why=why)
        return
    yield Hit(node, text)


def _has_own(cls: str, name: str, file: File) -> bool:
    """Whether a class of the project gives the name a meaning of its own."""
    for owner in file.types.mro(cls).names:
        if owner == MODEL:
            return False
        symbol = file.project.klass(owner)
        if isinstance(symbol, ClassSymbol) and file.types.own_member(symbol, name) is not None:
            return True
    return False
