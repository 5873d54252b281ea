"""A route without a docstring, which has no description in the documentation of the API.

## Why
FastAPI makes a route's description in OpenAPI of its docstring. Without one the people who use the API have the name
of the function to guess from.

## What to do
Say in a sentence what the route does and for whom, and when it answers which error. `docstrings = "off"` in
`[tool.trueup]` switches the rule off.

## Limits
A route with a `description=` in its decorator, or one that is not part of the schema, needs none. Tests and
websockets are left alone. What the docstring says is not judged.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.handlers.routes import holds_routes, route_at, routings, said
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUF111",
    "route-without-docstring",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.ADVICE,
    fix=Safety.MANUAL,
    libraries=("fastapi",),
    where=lambda facts, types, config: config.choice("docstrings") == "routes" and holds_routes(facts, types, config),
    url="https://fastapi.tiangolo.com/tutorial/path-operation-configuration/#description-from-docstring",
    effort=2,
    ruff=("D102", "D103"),
)
def check(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    if ast.get_docstring(node, clean=False) is not None or route_at(node, file) is None:
        return
    routed = [call for _, call in routings(node, file)]
    if not routed or all(_needs_none(one) for one in routed):
        return
    yield Hit(
        node,
        f"`{node.name}` has no docstring, so the API's documentation does not say what it does: write a sentence",
        span=file.header(node),
    )


def _needs_none(routing: ast.Call) -> bool:
    shown = said(routing, "include_in_schema")
    hidden = isinstance(shown, ast.Constant) and shown.value is False
    return hidden or any(one.arg in ("description", None) for one in routing.keywords)
