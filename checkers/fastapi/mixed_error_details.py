"""An `HTTPException` whose `detail` is text where the project's others are objects, or the reverse.

## Why
A client reads what went wrong in one place. Where `detail` is now a text, now an object with a `code` and a
`message`, it has to ask which, at every request; most forget to.

## What to do
Choose one form and make errors in one place: a function or an exception of your own that puts code and message
together.

## Limits
Details that are written out: text, or a dict. The form that most of the project's errors have is taken for the chosen
one; where neither has five times as many as the other, or fewer than five have it, nothing is said.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.index.facts import Call, Const, Expr, Mapping, Opaque
from trueup.infer import Inference
from trueup.layers import TEST, layer_of_file
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import ClassObject

_HTTP = ("starlette.exceptions.HTTPException", "fastapi.HTTPException", "fastapi.exceptions.HTTPException")
_LEAST, _TIMES = 5, 5
_WORDS = {"text": "a text", "object": "an object"}


@rule(
    "TUF124",
    "mixed-error-details",
    on=ast.Call,
    names=("HTTPException",),
    severity=Severity.ADVICE,
    fix=Safety.MANUAL,
    libraries=("fastapi",),
    triggers=("HTTPException",),
    where=lambda facts, types, config: layer_of_file(facts) != TEST,
    url="https://fastapi.tiangolo.com/tutorial/handling-errors/",
    effort=3,
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    given = next((k.value for k in node.keywords if k.arg == "detail"), None)
    given = given if given is not None else node.args[1] if len(node.args) > 1 else None
    form = "text" if isinstance(given, ast.JoinedStr) else "object" if isinstance(given, ast.Dict) else ""
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        form = "text"
    if not form:
        return
    usual = file.types.shared(_usual)
    callee = file.type_of(node.func)
    if not usual or form == usual or not isinstance(callee, ClassObject) or callee.cls not in _HTTP:
        return
    yield Hit(
        node,
        f"its `detail` is {_WORDS[form]}, where that of the project's other errors is {_WORDS[usual]}: clients have to "
        "read both; use one form",
    )


def _usual(types: Inference) -> str:
    """The form that most errors of a project have; empty where none is clearly the chosen one."""
    count = {"text": 0, "object": 0}
    for site, one in types.calls_named("HTTPException"):
        if layer_of_file(site.file) == TEST:
            continue
        form = _form(one.call)
        if form:
            count[form] += 1
    for form, other in (("text", "object"), ("object", "text")):
        if count[form] >= _LEAST and count[form] >= _TIMES * count[other]:
            return form
    return ""


def _form(call: Call) -> str:
    given: Expr | None = dict(call.keywords).get("detail") or (call.args[1] if len(call.args) > 1 else None)
    if isinstance(given, Mapping):
        return "object"
    return "text" if (isinstance(given, Const) and given.kind == "str") or given == Opaque("builtins.str") else ""
