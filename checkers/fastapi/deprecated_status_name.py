"""A name of a status code that Starlette has replaced, as the standard has: `HTTP_422_UNPROCESSABLE_ENTITY`.

## Why
RFC 9110 has renamed 413, 414, 416 and 422. Since Starlette 0.48 the old names warn when they are used.

## Fix safety
The fix writes the new name. It is safe: the number is the same.

## Limits
Only where the project runs on Starlette 0.48 or newer, as a lock file, an exact pin or its environment says: older
ones do not have the new names. Names imported by themselves (`from starlette.status import ...`) are not looked at.
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
    severity=Severity.WARNING,
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
    if version is not None and version >= RENAMED_IN:
        yield Hit(node, f"`{node.attr}` is deprecated since Starlette 0.48: write `{new}`", clue=new)
