"""A data class of Pydantic changes its fields in `__post_init__`, which runs behind validation in version 2.

## Why
In version 1 `__post_init__` of such a class ran first, and what it put into the fields was validated and converted.
In version 2 it runs last: values that it was to repair (None, a missing unit, text to be split) are refused before it
is called, and what it assigns is **neither checked nor converted, without a warning**.

## What to do
Where it repairs what comes in, make it a `@field_validator(..., mode="before")` or a
`@model_validator(mode="before")`. Where it computes something from the fields, it can stay: see to it that what it
assigns has the type of the field.

## Limits
Only assignments to declared fields are reported, in projects that are not written for Pydantic 2 alone. A
`__post_init__` that only reads fields gets converted values now, which is not reported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.dataclasses import INIT, PYDANTIC, dataclass_of
from trueup.libraries.pydantic.models import GUIDE
from trueup.libraries.pydantic.versions import dialect
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUP662",
    "raw-post-init",
    on=ast.FunctionDef,
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    libraries=("pydantic",),
    triggers=(INIT,),
    url=GUIDE + "#changes-to-dataclasses",
    effort=10,
    step="types",
    at_first=True,
)
def method(node: ast.FunctionDef, file: File) -> Iterable[Hit]:
    """The methods that assign to fields."""
    owner = file.parent(node)
    klass = file.class_at(owner) if node.name == INIT and isinstance(owner, ast.ClassDef) else None
    if klass is None or not node.args.args or dialect(file.types) == "2":
        return
    cls = file.qualified(klass)
    if dataclass_of(file.types, cls) != PYDANTIC:
        return
    fields = _fields(cls, file)
    changed = [name for name in _assigned(node, node.args.args[0].arg) if name in fields]
    if changed:
        shown = ", ".join(f"`{name}`" for name in dict.fromkeys(changed))
        text = (
            f"`{INIT}` ran before validation in Pydantic 1 and runs behind it in 2: what it puts into {shown} is not "
            "checked any more, and what it was to repair is refused before; use a validator that runs before"
        )
        yield Hit(node, text, why="what it is for decides where it belongs", span=file.header(node))


def _fields(cls: str, file: File) -> list[str]:
    found: list[str] = []
    for name in file.types.mro(cls).names:
        symbol = file.project.klass(name)
        if symbol is not None and symbol.file.path in file.project.files:
            found += [one.name for one in symbol.facts.fields if one.annotation is not None and not one.method]
    return found


def _assigned(node: ast.FunctionDef, me: str) -> list[str]:
    """The attributes of itself that a method assigns to."""
    found: list[str] = []
    for one in ast.walk(node):
        match one:
            case ast.Attribute(value=ast.Name(id=name), attr=attr, ctx=ast.Store()) if name == me:
                found.append(attr)
    return found
