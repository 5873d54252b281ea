"""A number of a response is written as a text in Pydantic 2: a `Decimal`, or a `timedelta`.

## Why
In version 1 the JSON of a `Decimal` was a number and that of a `timedelta` a number of seconds; in version 2 they are
texts: `"9.90"` and `"PT1H"`. **Nothing fails** on the side of the server: a client adds texts, or shows `NaN`, and the
schema that clients are generated from says `string`.

## What to do
Tell the clients, or keep the number: `Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]`,
and `ser_json_timedelta="float"` in the config for durations.

## Limits
Only in code written for version 1, and for models that a route of FastAPI answers with, directly or in a list. Other
JSON of models changes alike.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.infer import Inference
from trueup.libraries.fastapi import answered_models
from trueup.libraries.pydantic.config import config_of
from trueup.libraries.pydantic.models import GUIDE, holds_models, is_model
from trueup.libraries.pydantic.versions import dialect
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Instance, Type, Union

_TEXTS = {"decimal.Decimal": '`"9.90"`', "datetime.timedelta": '`"PT1H"`'}


@rule(
    "TUP805",
    "number-as-text-in-json",
    on=ast.ClassDef,
    severity=Severity.WARNING,
    fix=Safety.MANUAL,
    libraries=("fastapi",),
    triggers=("Decimal", "timedelta"),
    where=holds_models,
    url=GUIDE,
    effort=5,
    step="values",
    at_first=True,
)
def written(node: ast.ClassDef, file: File) -> Iterable[Hit]:
    """The fields of a model that is answered with, or is a base of one."""
    facts = file.class_at(node)
    if facts is None or not is_model(file.types, cls := file.qualified(facts), file.config.base_models):
        return
    if dialect(file.types) == "2" or not _is_answered(file.types, cls):
        return
    encoders = config_of(file.types, cls, "json_encoders")
    for statement in node.body:
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        found = _text(file.annotation(statement.annotation))
        if found and encoders is None:
            kind = found.rpartition(".")[2]
            text = (
                f"a `{kind}` is a number in the JSON of Pydantic 1 and a text like {_TEXTS[found]} in that of 2: "
                "tell the clients of this response, or give the field a `PlainSerializer`"
            )
            yield Hit(statement, text, why="what the clients expect decides", span=file.span(statement.target))


def _is_answered(types: Inference, cls: str) -> bool:
    return any(cls in types.mro(one).names for one in answered_models(types))


def _text(one: Type) -> str:
    items = one.items if isinstance(one, Union) else (one,)
    return next((item.cls for item in items if isinstance(item, Instance) and item.cls in _TEXTS), "")
