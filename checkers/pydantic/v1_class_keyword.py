"""A model's class statement has a keyword that configured it in Pydantic 1.

## Why
`class Order(BaseModel, orm_mode=True)` works in both versions, but Pydantic 2 takes only its own keys there. With one
that was renamed or removed the class statement raises `TypeError: __init_subclass__() takes no keyword arguments`, so
that the module cannot even be imported.

## Fix safety
Keywords get their new names, members of `Extra` become strings, and keywords without a meaning in version 2 go. Unsafe
for the same keys as in a `class Config`: `allow_mutation=False`, a function as `schema_extra`, and the `anystr_*` keys
in a model with fields of `bytes`.

A key that has no successor (`fields=`, `getter_dict=`, `json_loads=`) leaves the class to a person.

## Limits
Keywords that Pydantic does not know are left alone: they belong to an `__init_subclass__` of the project.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.index.project import ClassSymbol
from trueup.libraries.pydantic.config import CONFIG_KEYS, KeyChange, Keys, Obstacle, usual_quote
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES, is_model, is_settings
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUP202",
    "v1-class-keyword",
    on=ast.ClassDef,
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    where=lambda facts, types, config: any(klass.keywords for klass in facts.classes),
    triggers=tuple(f"{key}=" for key in sorted(CONFIG_KEYS)) + tuple(f"{key} =" for key in sorted(CONFIG_KEYS)),
    url=GUIDE + "#changes-to-config",
    step="config",
)
def keywords(node: ast.ClassDef, file: File) -> Iterable[Hit]:
    """The keywords of the class statement of a model."""
    given = [(k.arg, k.value) for k in node.keywords if k.arg is not None and k.arg in CONFIG_KEYS]
    facts = file.class_at(node) if given else None
    if facts is None or not is_model(file.types, file.qualified(facts), file.config.base_models):
        return
    symbol = ClassSymbol(file.qualified(facts), file.facts, facts)
    settings = is_settings(file.types, symbol.qualname)
    reader = Keys(file.types, symbol, settings, file.qualname, file.type_of, file.segment, usual_quote(file.text))
    changes: list[KeyChange] = []
    reasons: list[str] = []
    for key, value in given:
        read = reader.read(key, value)
        if isinstance(read, Obstacle):
            text = f"`{key}=` raises an error in a class statement of Pydantic 2: {read.text}"
            yield Hit(node, text, safety=Safety.MANUAL, why=read.text, span=file.header(node))
            return
        change, why = read
        if change.new != key or change.value:
            changes.append(change)
            reasons += [why] if why else []
    if changes:
        yield Hit(
            node,
            _message(changes),
            clue=tuple(changes),
            safety=Safety.UNSAFE if reasons else None,
            why="; ".join(reasons),
            severity=None if any(change.new != change.old for change in changes) else Severity.WARNING,
            span=file.header(node),
        )


def _message(changes: list[KeyChange]) -> str:
    one = next((change for change in changes if change.new != change.old), None)
    if one is None:
        return f"`{changes[0].old}=` has a member of `Extra`, which Pydantic 2 deprecates: use a string"
    instead = f"use `{one.new}=`" if one.new else "remove it"
    return f"`{one.old}=` raises an error in a class statement of Pydantic 2: {instead}"
