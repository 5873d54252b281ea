"""An application whose documentation pages are open wherever it runs.

## Why
`/docs`, `/redoc` and `/openapi.json` tell everybody all routes, their parameters and models, those for administrators
too. For a public API that is the point; for the backend of a frontend nobody needs it in production.

## Example
```python
app = FastAPI(title="Shop", version="1.0")
```

## What to do
Let the settings decide: `FastAPI(openapi_url="/openapi.json" if settings.debug else None)`. Without `openapi_url`
there are no pages either. Say `docs_url=` or `openapi_url=`, whatever their values, and the finding is gone.

## Limits
Calls of `FastAPI` that say none of `docs_url`, `redoc_url` and `openapi_url`. One finding a call; tests and scripts
are left alone.
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
    "TUF117",
    "open-documentation",
    on=ast.Call,
    names=("FastAPI",),
    severity=Severity.ADVICE,
    fix=Safety.MANUAL,
    libraries=("fastapi",),
    triggers=("FastAPI",),
    where=lambda facts, types, config: layer_of_file(facts) not in (TEST, SCRIPT),
    url="https://fastapi.tiangolo.com/how-to/conditional-openapi/",
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    if file.type_of(node.func) != ClassObject("fastapi.FastAPI"):
        return
    given = {one.arg for one in node.keywords}
    if None in given or not given.isdisjoint(("docs_url", "redoc_url", "openapi_url")):
        return
    yield Hit(
        node,
        "its documentation pages are open wherever it runs, production included: let a setting decide on "
        "`openapi_url`, or say that it is meant to be so",
        span=file.span(node.func),
    )
