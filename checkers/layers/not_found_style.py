"""A service that says in another way than the project has chosen that there is nothing of the kind.

## Why
Some services raise when there is no such user, others return `None`. Both can be lived with; a mixture means that
callers check for what never comes and forget what does. `not-found = "raise"` or `"return"` in `[tool.trueup]`
chooses; without it nothing is said.

## What to do
With `"raise"`: raise an error of your own, and turn it into a 404 in one exception handler. With `"return"`: return
`None`, and let the route answer 404.

## Limits
With `"raise"`: functions of services called get, find, read, fetch or load something that `return None` and say so in
their annotation. With `"return"`: errors of the project with NotFound, DoesNotExist or Missing in their names that
services raise.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from trueup.file import File
from trueup.layers import SERVICE, layer_of
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import NONE, ClassObject, Instance, Union

_READS = re.compile(r"(get|find|read|fetch|load)(_|$)")
_MISSING = re.compile(r"NotFound|DoesNotExist|NotExist|Missing")


@rule(
    "TUL112",
    "not-found-style",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.WARNING,
    fix=Safety.MANUAL,
    libraries=("fastapi", "sqlalchemy", "sqlmodel"),
    where=lambda facts, types, config: config.choice("not-found") != "either",
    effort=5,
)
def check(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    facts = file.function_at(node)
    if facts is None or layer_of(file.types, file.function_symbol(facts), file.config) != SERVICE:
        return
    if file.config.choice("not-found") == "raise":
        said = file.annotation(node.returns) if node.returns is not None else None
        if not _READS.match(node.name) or not isinstance(said, Union) or NONE not in said.items:
            return
        yield Hit(
            node,
            f"`{facts.qualname}` returns `None` where there is nothing, and this project raises there: raise an error "
            "of your own",
            span=file.header(node),
        )
        return
    for one in file.walk(node):
        if not isinstance(one, ast.Raise) or one.exc is None:
            continue
        kind = file.type_of(one.exc)
        if isinstance(kind, Instance | ClassObject) and file.project.is_own(kind.cls):
            name = kind.cls.rpartition(".")[2]
            if _MISSING.search(name):
                yield Hit(
                    one,
                    f"`{facts.qualname}` raises `{name}`, and this project returns `None` where there is nothing: let "
                    "the route answer 404",
                )
