"""A field of a model is asked for its `type_`, which Pydantic 2 has nothing in the place of.

## Why
A field of Pydantic 1 had two types: `outer_type_` was the annotation without `Optional`, `type_` was what a list or
dict of that type holds. In version 2 a field is a `FieldInfo`, which has the `annotation` alone, whole:
`field.type_` raises `AttributeError`.

## Example
```python
for field in model.__fields__.values():     # for field in model.model_fields.values():
    if issubclass(field.type_, BaseModel):  #     if issubclass(inner_type(field.annotation), BaseModel):
        ...
```

## Fix safety
Unsafe: a function `inner_type` is written, once a file, which does what version 1 did: it takes `Optional` away, and
then one `List`, `Set`, `Dict`, `Tuple[T, ...]` or the like. Version 1 made types of constraints
(`ConstrainedIntValue` for `conint(gt=0)`), where now the plain type is found.

## Limits
Only fields whose type is inferred are found (values of `__fields__`, what is annotated with `ModelField`), and
those of `x.__fields__` whatever `x` is (`x.__fields__[name]`, a loop over `x.__fields__.values()`). Setting
`type_` is the business of `changed-field`; `field.type_` in a validator is that of `v1-validator`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.config import Config
from trueup.file import File
from trueup.index.facts import FileFacts
from trueup.infer import Inference
from trueup.libraries.pydantic.field_types import InnerType, is_inner_type
from trueup.libraries.pydantic.field_values import Spelled, is_of_field
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES
from trueup.libraries.pydantic.versions import is_guarded, keeps_v1
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


def _reads_it(facts: FileFacts, types: Inference, config: Config) -> bool:
    """Whether a file reads anything of that name."""
    return "type_" in facts.attributes


@rule(
    "TUP110",
    "v1-field-type",
    on=ast.Attribute,
    names=("type_",),
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    triggers=("type_",),
    where=_reads_it,
    url=GUIDE + "#changes-to-pydanticbasemodel",
    effort=10,
    step="methods",
)
def read(node: ast.Attribute, file: File) -> Iterable[Hit]:
    """Reads of `type_`."""
    if not _is_read(node, file):
        return
    whole = [one for one in file.nodes(ast.Attribute) if _is_read(one, file)]
    name, defines = _function(file)
    first = min(whole, key=lambda one: (one.lineno, one.col_offset))
    yield Hit(
        node,
        f"`.type_` of a field is gone in Pydantic 2: `annotation` has `Optional` and `List` around it, which `{name}` "
        "takes away",
        clue=InnerType(name, defines and node is first),
        why="constraints were types of their own in version 1, now the plain type is found",
        group=f"{file.module}:{name}",
        members=len(whole),
    )


def _is_read(node: ast.Attribute, file: File) -> bool:
    if node.attr != "type_" or not isinstance(node.ctx, ast.Load):
        return False
    known = is_of_field("type_", file.type_of(node.value))
    told = known or (Spelled(file.type_of, file.parent).is_field(node.value) and not keeps_v1(file.types))
    return told and not is_guarded(node, file.parent, "model_fields")


def _function(file: File) -> tuple[str, bool]:
    """The name of the function, and whether the file does not have it yet."""
    functions = [one for one in file.tree.body if isinstance(one, ast.FunctionDef)]
    known = next((one.name for one in functions if is_inner_type(one)), None)
    if known is not None:
        return known, False
    taken = {one.id for one in file.nodes(ast.Name)} | {one.arg for one in file.nodes(ast.arg)}
    taken |= {one.asname or one.name for one in file.nodes(ast.alias)}
    taken |= {one.name for one in functions} | {one.name for one in file.nodes(ast.ClassDef)}
    choices = ("inner_type", "inner_type_of_field", *(f"inner_type_{number}" for number in range(2, 100)))
    return next(name for name in choices if name not in taken), True
