"""A name of a status code that Starlette has replaced, as the standard has: `HTTP_422_UNPROCESSABLE_ENTITY`.

## Why
RFC 9110 has renamed 413, 414, 416 and 422. Since Starlette 0.48 the old names warn when they are used.

## Fix safety
The fix writes the new name, the number is the same. It is safe where the project runs on Starlette 0.48 or newer, as
its environment, a lock file or an exact pin says; where neither says so there is none.

## Limits
Silent where the project runs on an older Starlette. Names imported by themselves (`from starlette.status import ...`)
are not looked at.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.statuses import RENAMED, RENAMED_IN
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import ModuleObject


@rule(
    "TUF109",
    "deprecated-status-name",
    on=ast.Attribute,
    names=tuple(RENAMED),
    severity=Severity.ADVICE,
    fix=Safety.SAFE,
    libraries=("fastapi", "starlette"),
    triggers=tuple(RENAMED),
    url="https://www.rfc-editor.org/rfc/rfc9110#section-15.5.21",
)
def check(node: ast.Attribute, file: File) -> Iterator[Hit]:
    new = RENAMED.get(node.attr)
    if new is None or file.type_of(node.value) != ModuleObject("starlette.status"):
        return
    version = file.config.runs_on("starlette")
    if version is not None and version < RENAMED_IN:
        return
    known = version is not None
    yield Hit(
        node,
        f"`{node.attr}` is deprecated since Starlette 0.48: "
        + (f"write `{new}`" if known else f"write `{new}` as soon as that is the oldest you run on"),
        clue=new,
        safety=None if known else Safety.MANUAL,
    )
