"""A field of a model holds a data class, which Pydantic 2 treats in another way.

## Why
Version 2 changes three things about data classes in models, **without a warning**:

- an object of a data class of the standard library is taken as it is. Version 1 checked and converted its fields, so
  that `Order(point=Point("3"))` had an int; now the text stays, and wrong values are no longer refused.
- `model_dump()` makes a dict of it; `dict()` left it as it was.
- a tuple is no longer taken for one.

## What to do
Where objects from outside get in, set `revalidate_instances="always"` in the config of the model, or make the class a
model or a data class of Pydantic, which checks its own fields. Where dumped data is used, read the value as a dict,
or take the attribute of the model instead of dumping it.

## Limits
Every field is told once, in projects that are not written for Pydantic 2 alone; whether objects or dicts are passed
to it is not looked at. Data classes of Pydantic check themselves: for them only the other two points hold.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.annotations import is_field_name
from trueup.libraries.pydantic.config import config_of
from trueup.libraries.pydantic.dataclasses import PYDANTIC, STANDARD, dataclass_of
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES, holds_models, is_model
from trueup.libraries.pydantic.versions import dialect
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Instance, Type, Union


@rule(
    "TUP663",
    "dataclass-in-model",
    on=ast.AnnAssign,
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    libraries=LIBRARIES,
    where=holds_models,
    url=GUIDE + "#changes-to-dataclasses",
    effort=5,
    step="types",
    at_first=True,
)
def field(node: ast.AnnAssign, file: File) -> Iterable[Hit]:
    """Fields of models, one by one."""
    owner = file.parent(node)
    if not isinstance(owner, ast.ClassDef) or not isinstance(node.target, ast.Name) or dialect(file.types) == "2":
        return
    facts = file.class_at(owner)
    if facts is None or not is_field_name(node.target.id):
        return
    cls = file.qualified(facts)
    if not is_model(file.types, cls, file.config.base_models) or config_of(file.types, cls, "revalidate_instances"):
        return
    found = {kind: name for name in _classes(file.annotation(node.annotation)) if (kind := _kind(name, file))}
    name = node.target.id
    if STANDARD in found:
        held = found[STANDARD].rpartition(".")[2]
        text = (
            f"`{name}` holds objects of the data class `{held}`: Pydantic 2 takes them as they are, neither checked "
            "nor converted, and dumps them as dicts; make it a model, or set `revalidate_instances`"
        )
        yield Hit(node, text, why="where such objects come from decides what is needed", span=file.span(node.target))
    elif PYDANTIC in found:
        held = found[PYDANTIC].rpartition(".")[2]
        text = (
            f"`{name}` holds objects of the data class `{held}`, which `dict()` of Pydantic 1 left as they were: "
            "`model_dump()` of 2 makes dicts of them"
        )
        yield Hit(node, text, why="who reads the dump decides", severity=Severity.WARNING, span=file.span(node.target))


def _kind(cls: str, file: File) -> str:
    """By which decorator a class, or one above it, is a data class."""
    types = file.types

    def find() -> str:
        return next((kind for name in types.mro(cls).names if (kind := dataclass_of(types, name))), "")

    return types.once(("kind of data class", cls), find)


def _classes(one: Type) -> list[str]:
    """The classes that an annotation names, inside of containers too."""
    if isinstance(one, Union):
        return [name for item in one.items for name in _classes(item)]
    if isinstance(one, Instance):
        return [one.cls, *(name for arg in one.args for name in _classes(arg))]
    return []
