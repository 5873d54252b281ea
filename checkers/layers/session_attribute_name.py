"""A service that keeps its session under another name than the project's other services do.

## Why
`self.db` here, `self._session` there: whoever moves code from one service to another renames it each time, and
searching for one finds half of the uses. Which name is right is taste, so the rule is off unless it is selected by
its own code.

## What to do
Rename the attribute to what most services have.

## Limits
Classes of services that take a session in `__init__` and keep it. The name that most have, three at least, is taken
for the project's.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from trueup.file import File
from trueup.handlers.services import service_modules
from trueup.infer import Inference
from trueup.libraries.sqlalchemy.transactions import LIBRARIES
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_LEAST = 3


@rule(
    "TUL110",
    "session-attribute-name",
    on=ast.ClassDef,
    severity=Severity.ADVICE,
    fix=Safety.MANUAL,
    libraries=LIBRARIES,
    off=True,
)
def check(node: ast.ClassDef, file: File) -> Iterator[Hit]:
    facts = file.class_at(node)
    if facts is None:
        return
    kept = file.types.shared(_kept)
    own, usual = kept.get(file.qualified(facts)), kept.get("")
    if own and usual and own != usual:
        yield Hit(
            node,
            f"`{node.name}` keeps its session as `{own}`, where most services of the project have `{usual}`: rename it",
            span=file.header(node),
        )


def _kept(types: Inference) -> dict[str, str]:
    """Service -> what it keeps its session as; under the empty name what most have."""
    found = {
        one.qualname: one.attribute
        for module in types.shared(service_modules)
        for one in module.classes
        if one.attribute
    }
    most = Counter(found.values()).most_common(2)
    if most and most[0][1] >= _LEAST and (len(most) == 1 or most[0][1] > most[1][1]):
        found[""] = most[0][0]
    return found
