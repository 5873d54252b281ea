"""`Field(...)` is given to a name with a leading underscore, which Pydantic 2 refuses.

## Why
A name with an underscore is no field in either version. Version 1 ignored the `Field(...)` behind it: the class got
the `FieldInfo` itself for an attribute, no value was read or validated, and an `alias` had no effect. Version 2
raises `NameError: Fields must not use names with leading underscores` when the class is made, and with it the import
of the module fails.

## Example
```python
class Record(BaseModel):
    _predicted: Optional[str] = Field(alias="predicted")    # PrivateAttr()
    _retries: int = Field(3, ge=0)                          # PrivateAttr(3)
```

## Fix safety
Safe where nothing in the project reads or sets an attribute of that name: a private attribute is not filled from the
input either, and what it was called in there stays what it was, an extra value.

Unsafe otherwise: where nothing had been set, reading the attribute gave the `FieldInfo`; now it gives the default,
or raises `AttributeError` if there is none. With `extra = "allow"`, what was set was also part of `.dict()`. If it
was meant to be a field all along, give it a name without an underscore, and the old one as `alias`.

Left to a person where it is read through the class, which has no value of a private attribute.

## Limits
Names that begin with two underscores and `sqlmodel.Field` are left alone. A name that is only written in a string
(`getattr(record, "_predicted")`) is not seen.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.infer import Inference
from trueup.libraries.pydantic.field_calls import FIELD, read_in_class
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES, holds_models, is_model
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUP306",
    "underscore-field",
    on=ast.ClassDef,
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    where=holds_models,
    triggers=("Field",),
    url=GUIDE + "#changes-to-pydanticbasemodel",
    effort=5,
    step="fields",
    prepares=lambda finding: finding.safety is Safety.SAFE,
)
def attributes(node: ast.ClassDef, file: File) -> Iterable[Hit]:
    """The bodies of models."""
    found: dict[str, ast.Assign | ast.AnnAssign] = {}
    for statement in node.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=func))
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Call(func=func))
            ) if name.startswith("_") and not name.startswith("__") and file.qualname(func) == FIELD:
                found[name] = statement
    facts = file.class_at(node) if found else None
    if facts is None or file.path.endswith(".pyi"):
        return
    cls = file.qualified(facts)
    if not is_model(file.types, cls, file.config.base_models):
        return
    for name, statement in found.items():
        call = statement.value
        assert isinstance(call, ast.Call)
        text = f"`{name}` has an underscore: Pydantic 1 ignored its `Field(...)`, 2 refuses the class: "
        line = read_in_class(name, cls, file.types, file.nodes(ast.Attribute), file.type_of)
        if line:
            why = f"line {line} reads it through the class, where it was the `FieldInfo` itself"
            yield Hit(call, f"{text}make it a `ClassVar` with a plain value", safety=Safety.MANUAL, why=why)
        elif any(one.arg is None for one in call.keywords) or any(isinstance(a, ast.Starred) for a in call.args):
            why = "its arguments are not written out"
            yield Hit(call, f"{text}make it a `PrivateAttr(...)`", safety=Safety.MANUAL, why=why)
        elif name in file.types.shared(_attributes):
            why = (
                "until something set it, it was the `FieldInfo` itself, and is the default or nothing now; with "
                '`extra = "allow"`, what was set was also part of `.dict()`'
            )
            yield Hit(call, f"{text}use `PrivateAttr(...)`", safety=Safety.UNSAFE, why=why)
        else:
            yield Hit(call, f"{text}use `PrivateAttr(...)`")


def _attributes(types: Inference) -> frozenset[str]:
    """All names with an underscore that some file of the project asks of an object, or sets."""
    found: set[str] = set()
    for file in types.project.files.values():
        found.update(name for name in file.attributes if name.startswith("_"))
        found.update(one.name for klass in file.classes for one in klass.attributes if one.name.startswith("_"))
    return frozenset(found)
