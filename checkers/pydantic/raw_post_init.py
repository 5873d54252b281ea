"""A data class of Pydantic repairs its fields in `__post_init__`, which runs behind validation in version 2.

## Why
In version 1 `__post_init__` of such a class ran first, and what it put into the fields was validated and converted.
In version 2 it runs last: the values that it was to repair (None, text to be split, an object of another class) are
refused before it is called, and what it assigns is **neither checked nor converted, without a warning**.

## What to do
Make it a `@field_validator(..., mode="before")` or a `@model_validator(mode="before")`.

## Limits
Reported are assignments to a declared field of which the method asks `isinstance(self.field, ...)`, or whether it is
None where its annotation does not let None in, in projects that are not written for Pydantic 2 alone. A
`__post_init__` that only reads fields, or computes one from others, gets converted values now and goes on working.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.infer import Site
from trueup.libraries.pydantic.annotations import alternatives, takes_none
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
    me = node.args.args[0].arg
    changed = [name for name in _assigned(node, me) if name in fields and _is_repaired(node, me, name, fields[name])]
    if changed:
        shown = ", ".join(f"`{name}`" for name in dict.fromkeys(changed))
        text = (
            f"`{INIT}` ran before validation in Pydantic 1 and runs behind it in 2: what it is to repair in {shown} is "
            "refused before, and what it assigns is not checked any more; use a validator that runs before"
        )
        yield Hit(node, text, why="what it is for decides where it belongs", span=file.header(node))


def _fields(cls: str, file: File) -> dict[str, bool]:
    """The declared fields of a class, and whether None belongs to each."""
    found: dict[str, bool] = {}
    for name in file.types.mro(cls).names:
        symbol = file.project.klass(name)
        if symbol is None or symbol.file.path not in file.project.files:
            continue
        site = Site(symbol.file, None, symbol.facts)
        for one in symbol.facts.fields:
            if one.annotation is not None and not one.method:
                found.setdefault(one.name, takes_none(alternatives(file.types, one.annotation, site)))
    return found


def _is_repaired(node: ast.FunctionDef, me: str, name: str, optional: bool) -> bool:
    """Whether a method asks of a field what it cannot be any more once it is validated."""

    def is_it(one: ast.AST) -> bool:
        return isinstance(one, ast.Attribute) and one.attr == name and getattr(one.value, "id", "") == me

    for one in ast.walk(node):
        match one:
            case ast.Call(func=ast.Name(id="isinstance"), args=[held, _]) if is_it(held):
                return True
            case ast.Compare(left=held, ops=[ast.Is() | ast.IsNot()], comparators=[ast.Constant(value=None)]):
                if is_it(held) and not optional:
                    return True
    return False


def _assigned(node: ast.FunctionDef, me: str) -> list[str]:
    """The attributes of itself that a method assigns to."""
    found: list[str] = []
    for one in ast.walk(node):
        match one:
            case ast.Attribute(value=ast.Name(id=name), attr=attr, ctx=ast.Store()) if name == me:
                found.append(attr)
    return found
