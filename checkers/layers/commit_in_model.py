"""A method of a mapped class that commits, or sends a mail or a request.

## Why
A model says what is stored. When `order.cancel()` commits, it ends whatever transaction its caller is in the middle
of, and nobody who reads `order.cancel()` sees that; when it sends a mail, no test and no import of data can do
without one.

## What to do
Who is to commit or send instead is not in the code, so a person has to move it.
Let the method change the object only. The service that calls it commits, and sends what is to be sent behind that.

## Limits
Commits of sessions whose type is known, and what is sent through libraries that are known, in the method itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.outside import sends
from trueup.libraries.sqlalchemy.mapping import mapping
from trueup.libraries.sqlalchemy.transactions import LIBRARIES, is_method, session_methods
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Callee, Foreign

_COMMITS = session_methods("commit")


@rule(
    "TUL108",
    "commit-in-model",
    on=ast.Call,
    severity=Severity.WARNING,
    fix=Safety.MANUAL,
    libraries=LIBRARIES,
    where=lambda facts, types, config: any(
        mapping(types).is_declarative(f"{facts.module}.{one.qualname}") for one in facts.classes
    ),
    effort=10,
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    if not isinstance(node.func, ast.Attribute):
        return
    facts = file.function_at(node)
    if facts is None or not facts.owner or not mapping(file.types).is_declarative(f"{file.module}.{facts.owner}"):
        return
    callee = file.type_of(node.func)
    if is_method(callee, _COMMITS):
        what = "commits, which ends the transaction of whoever calls it"
    elif isinstance(callee, Callee | Foreign):
        name = callee.qualname if isinstance(callee, Callee) else callee.path.replace("()", "")
        sent = sends(name)
        if sent is None:
            return
        what = f"sends {sent}, which nobody expects of stored data"
    else:
        return
    yield Hit(node, f"`{facts.qualname}` is part of a model and {what}: leave that to the service that calls it")
