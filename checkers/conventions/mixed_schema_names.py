"""A model for answers whose name ends otherwise than those of the project's others: `UserOut` among `...Read`.

## Why
Names that follow a rule can be guessed. With `UserRead`, `RoomOut` and `KeyResponse` in one project everybody looks
them up, and the clients made from the OpenAPI have the same mixture.

## What to do
Rename the few. Where they are part of a client's code already, give them the old title:
`model_config = ConfigDict(title="UserOut")`.

## Limits
Models that end with Read, Response, Public or Out and that a route answers with. The ending that at least five have,
and three times as many as all others, is taken for the rule of the project; where there is none nothing is said.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.infer import Inference
from trueup.libraries.fastapi import answered_models
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_ENDINGS = ("Read", "Response", "Public", "Out")
_LEAST, _TIMES = 5, 3


@rule(
    "TUC109",
    "mixed-schema-names",
    on=ast.ClassDef,
    severity=Severity.ADVICE,
    fix=Safety.MANUAL,
    libraries=("fastapi",),
    where=lambda facts, types, config: any(one.name.endswith(_ENDINGS) for one in facts.classes),
    effort=3,
)
def check(node: ast.ClassDef, file: File) -> Iterator[Hit]:
    ending = next((one for one in _ENDINGS if node.name.endswith(one)), None)
    facts = file.class_at(node)
    if ending is None or facts is None:
        return
    usual = file.types.shared(_usual)
    if not usual or ending == usual or file.qualified(facts) not in file.types.shared(_answered):
        return
    yield Hit(
        node,
        f"`{node.name}` ends with `{ending}`, where the project's others end with `{usual}`: give it such a name",
        span=file.header(node),
    )


def _answered(types: Inference) -> frozenset[str]:
    return frozenset(answered_models(types))


def _usual(types: Inference) -> str:
    count: dict[str, int] = dict.fromkeys(_ENDINGS, 0)
    for name in answered_models(types):
        ending = next((one for one in _ENDINGS if name.endswith(one)), None)
        if ending is not None and types.project.is_own(name):
            count[ending] += 1
    most = max(_ENDINGS, key=lambda one: count[one])
    others = sum(count.values()) - count[most]
    return most if count[most] >= _LEAST and count[most] >= _TIMES * others else ""
