"""A field is declared as one model and given another one below it, of which Pydantic 2 writes only the declared part.

## Why
Version 1 wrote what was there: for `pet: Pet` with a `Cat(Pet)` in it `.dict()`, `.json()` and a response of FastAPI
held the fields of the cat. Version 2 writes what is declared: the fields that only `Cat` has **are left out, and
nothing warns**. It is also a safeguard, for what a client must not see is no longer written by accident.

## What to do
Where the rest is wanted, declare `pet: SerializeAsAny[Pet]` (or dump with `serialize_as_any=True`; from Pydantic 2.13
on `polymorphic_serialization=True` in the config of `Pet` does it for all fields). A union of the models says most.

## Limits
Only in code written for version 1, where a call of the model is seen to give a model with more fields to such a
field, or a list of them. What is read from a database or a request is not known.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.given import given_subclasses
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES, holds_models, is_model, names_below
from trueup.libraries.pydantic.versions import dialect
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUP804",
    "lost-subclass-fields",
    on=ast.ClassDef,
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    libraries=LIBRARIES,
    where=holds_models,
    url=GUIDE + "#changes-to-serialization",
    effort=5,
    step="values",
    at_first=True,
)
def declared(node: ast.ClassDef, file: File) -> Iterable[Hit]:
    """Each field of a model whose declared model has others below it, and is given one."""
    facts = file.class_at(node)
    if facts is None or not is_model(file.types, cls := file.qualified(facts), file.config.base_models):
        return
    if dialect(file.types) == "2":
        return
    for statement in node.body:
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        if "SerializeAsAny" in file.segment(statement.annotation) or not _has_heirs(statement.annotation, file):
            continue
        name = statement.target.id
        for given, place in given_subclasses(file.types, cls, name):
            more = _more(given, statement.annotation, file)
            if more:
                short = given.rpartition(".")[2]
                text = (
                    f"`{name}` is given a `{short}`, of which Pydantic 2 leaves out `{more[0]}` when it is written: "
                    "declare `SerializeAsAny[...]` or a union if that is wanted"
                )
                why = "whether the rest may be written is for you to say"
                yield Hit(statement, text, why=why, related=(place,), span=file.span(statement.target))
                break


def _has_heirs(annotation: ast.expr, file: File) -> bool:
    names = [file.qualname(one) for one in ast.walk(annotation) if isinstance(one, ast.Name | ast.Attribute)]
    return any(name is not None and names_below(file.types, name) for name in names)


def _more(given: str, annotation: ast.expr, file: File) -> list[str]:
    """The fields that a model has and none of those in an annotation has."""
    declared = {file.qualname(one) for one in ast.walk(annotation) if isinstance(one, ast.Name | ast.Attribute)}
    found: list[str] = []
    for owner in file.types.mro(given).names:
        if owner in declared:
            break
        symbol = file.project.klass(owner)
        for field in symbol.facts.fields if symbol is not None else ():
            known = any(file.types.member(one, field.name) is not None for one in declared if one is not None)
            if field.annotation is not None and not field.name.startswith("_") and not known:
                found.append(field.name)
    return found
