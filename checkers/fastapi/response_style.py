"""A route that says what it answers with in another place than the project has chosen: `response` in its settings.

## Why
FastAPI takes the return annotation, or `response_model`, or both, of which `response_model` wins. Guides contradict
each other; a project should choose. `response = "annotation"` wants the annotation and no `response_model` that says
the same; `"model"` wants a `response_model`; `"both"` wants both. Without the setting nothing is said.

## Fix safety
With `"annotation"` the fix takes out a `response_model` that is written exactly like the annotation. It is unsafe
only in that a later change of the annotation changes the API. The rest is a person's.

## Limits
`response_model=None` is left alone, and so are routes that return a response, answer 204 or are not part of the
schema.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.handlers.answers import may_be_response, returns
from trueup.handlers.routes import holds_routes, route_at, routings, said, status_of
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUF127",
    "response-style",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.WARNING,
    fix=Safety.UNSAFE,
    libraries=("fastapi",),
    where=lambda facts, types, config: (
        config.choice("response") != "annotation-or-model" and holds_routes(facts, types, config)
    ),
    url="https://fastapi.tiangolo.com/tutorial/response-model/",
    ruff=("FAST001",),
)
def check(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    style = file.config.choice("response")
    if route_at(node, file) is None:
        return
    for _, routing in routings(node, file):
        model = said(routing, "response_model")
        if _needs_none(routing) or (isinstance(model, ast.Constant) and model.value is None):
            continue
        if style == "annotation" and model is not None:
            same = node.returns is not None and ast.unparse(node.returns) == ast.unparse(model)
            if same or node.returns is None:
                yield Hit(
                    model,
                    f"`{node.name}` says `response_model`, where this project has the return annotation say it"
                    + (": leave it out" if same else f": write `-> {ast.unparse(model)}`"),
                    safety=None if same else Safety.MANUAL,
                    why="From then on the annotation alone describes the answer." if same else "",
                )
            continue
        if any(one.value is not None and may_be_response(file.type_of(one.value), file) for one in returns(node, file)):
            continue
        missing = []
        if style in ("model", "both") and model is None:
            missing.append("`response_model=`")
        if style in ("annotation", "both") and node.returns is None:
            missing.append("a return annotation")
        if missing:
            yield Hit(
                node,
                f"`{node.name}` has no {' and no '.join(missing).replace('a return', 'return')}, which this project "
                "wants of all routes",
                safety=Safety.MANUAL,
                span=file.header(node),
            )


def _needs_none(routing: ast.Call) -> bool:
    shown = said(routing, "include_in_schema")
    hidden = isinstance(shown, ast.Constant) and shown.value is False
    given = {one.arg for one in routing.keywords}
    return hidden or "response_class" in given or None in given or status_of(said(routing, "status_code")) == 204
