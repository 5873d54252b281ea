"""An application without a title or a version: its documentation says `FastAPI` and `0.1.0`.

## Why
Whoever opens the documentation, or generates a client, sees which API that is by its title, and whether it has
changed by its version. FastAPI's own defaults say neither.

## What to do
`FastAPI(title="Shop", version="1.4.0", description="...")`.

## Limits
Calls of `FastAPI` itself with none or one of `title` and `version`; applications that are not documented
(`openapi_url=None`), tests and scripts are left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.layers import SCRIPT, TEST, layer_of_file
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import ClassObject


@rule(
    "TUF118",
    "nameless-application",
    on=ast.Call,
    names=("FastAPI",),
    severity=Severity.ADVICE,
    fix=Safety.MANUAL,
    libraries=("fastapi",),
    triggers=("FastAPI",),
    where=lambda facts, types, config: layer_of_file(facts) not in (TEST, SCRIPT),
    url="https://fastapi.tiangolo.com/tutorial/metadata/",
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    if file.type_of(node.func) != ClassObject("fastapi.FastAPI"):
        return
    given = {one.arg: one.value for one in node.keywords}
    url = given.get("openapi_url")
    if None in given or (isinstance(url, ast.Constant) and url.value is None):
        return
    missing = [name for name in ("title", "version") if name not in given]
    if missing:
        yield Hit(
            node,
            f"the application has no {' and no '.join(missing)}, so its documentation shows FastAPI's own: say "
            + ", ".join(f"`{name}=`" for name in missing),
            span=file.span(node.func),
        )
