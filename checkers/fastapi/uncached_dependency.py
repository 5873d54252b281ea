"""`Depends(..., use_cache=False)`: the dependency runs again for everyone in a request who depends on it.

## Why
FastAPI asks each dependency once a request and gives all who depend on it the same value. With `use_cache=False` the
user is looked up twice, and two parts of one request get two sessions, which do not see each other's writes.

## What to do
Leave `use_cache` out. A dependency that must be new each time, a random token say, is better a function that is
called.

## Limits
Only `use_cache=False` as it is written; tests are left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.infer.annotated import DEPENDS
from trueup.layers import TEST, layer_of_file
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUF125",
    "uncached-dependency",
    on=ast.Call,
    names=("use_cache=",),
    severity=Severity.ADVICE,
    fix=Safety.MANUAL,
    libraries=("fastapi",),
    triggers=("use_cache",),
    where=lambda facts, types, config: layer_of_file(facts) != TEST,
    url="https://fastapi.tiangolo.com/tutorial/dependencies/sub-dependencies/#using-the-same-dependency-multiple-times",
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    if file.qualname(node.func) not in DEPENDS:
        return
    for one in node.keywords:
        if one.arg == "use_cache" and isinstance(one.value, ast.Constant) and one.value.value is False:
            yield Hit(
                node,
                "`use_cache=False` runs the dependency again for each who depends on it in one request: leave it out, "
                "or call the function where it has to be new",
            )
