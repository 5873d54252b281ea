"""A parameter of a route has an argument of older versions: `example`, `min_items`, or one for the schema alone.

## Why
FastAPI 0.155 no longer takes arguments it does not know: `Query(..., nullable=True)` and `Query(..., min_items=1)`
are a `TypeError` when the module is imported. `examples={...}` with named examples is put into the JSON schema as it
is, where it is no valid list, and the documentation does not show them any more. `example` is deprecated.

## Example
```python
q: List[str] = Query([], min_items=1)                       # Query([], min_length=1)
q: str = Query("", nullable=True)                           # Query("", json_schema_extra={"nullable": True})
q: str = Query("", examples={"a": {"value": "x"}})          # Query("", openapi_examples={"a": {"value": "x"}})
q: str = Query("", example="x")                             # Query("", examples=["x"])
```

## Fix safety
Safe: the new names mean the same (`openapi_examples` needs FastAPI 0.103). Unsafe is `examples=["x"]` for
`example="x"`: it is written into the schema of the parameter instead of beside it, and some viewers show it
elsewhere.

Left to a person are `const`, `unique_items` and `allow_mutation`, and a call that has `json_schema_extra` or
`examples` already.

## Limits
`min_items` beside `min_length` is first the business of `element-constraint-on-parameter`; `regex` is that of
`v1-parameter-regex`. Arguments passed as `**options` are not seen.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.config import usual_quote
from trueup.libraries.pydantic.field_calls import (
    PARAMETER_ARGUMENTS,
    PARAMETERS,
    RENAMED,
    ArgumentChange,
    ParameterChange,
    given,
)
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_LOST = ("const", "unique_items", "allow_mutation", "include")


@rule(
    "TUP902",
    "v1-parameter-argument",
    on=ast.Call,
    names=[name.rpartition(".")[2] for name in PARAMETERS],
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=("fastapi",),
    triggers=("Query(", "Path(", "Header(", "Cookie(", "Body(", "Form(", "File("),
    url="https://fastapi.tiangolo.com/release-notes/",
    effort=3,
    step="fastapi",
)
def arguments(node: ast.Call, file: File) -> Iterable[Hit]:
    """Calls of `Query`, `Path`, `Form` and so on."""
    found = given(node)
    examples = found.get("examples")
    strange = [name for name in found if name not in PARAMETER_ARGUMENTS and name != "regex"]
    if not strange and "example" not in found and not isinstance(examples, ast.Dict):
        return
    if file.qualname(node.func) not in PARAMETERS:
        return
    called = file.segment(node.func)
    lost = next((name for name in strange if name in _LOST), "")
    if lost:
        text = f"`{lost}` is no argument of `{called}`: check it in the function, or with `Annotated` and a validator"
        yield Hit(node, text, safety=Safety.MANUAL, why=f"`{lost}` has no successor")
        return
    changes = [
        ArgumentChange(name, RENAMED[name]) for name in strange if name in RENAMED and RENAMED[name] not in found
    ]
    extra = tuple(name for name in strange if name not in RENAMED)
    if isinstance(examples, ast.Dict):
        changes.append(ArgumentChange("examples", "openapi_examples"))
    why, first = "", changes[0].old if changes else ""
    if "example" in found:
        if examples is not None:
            text = f"`example` and `examples` of `{called}`: keep `examples` alone"
            yield Hit(node, text, safety=Safety.MANUAL, why="there are two kinds of examples")
            return
        changes.append(ArgumentChange("example", "examples", f"[{file.segment(found['example'])}]"))
        why = "the example stands in the schema of the parameter, and no longer beside it"
    if extra and "json_schema_extra" in found:
        text = f"`{extra[0]}` is no argument of `{called}`: put it into `json_schema_extra`"
        yield Hit(node, text, safety=Safety.MANUAL, why="there is a `json_schema_extra` already")
        return
    if not changes and not extra:
        return
    text = _message(changes, extra, called)
    mild = not extra and not first
    yield Hit(
        node,
        text,
        clue=ParameterChange(tuple(changes), extra, usual_quote(file.text)),
        safety=Safety.UNSAFE if why else None,
        why=why,
        severity=Severity.WARNING if mild else None,
    )


def _message(changes: list[ArgumentChange], extra: tuple[str, ...], called: str) -> str:
    if extra:
        return f"`{extra[0]}` is no argument of `{called}` any more: put it into `json_schema_extra={{...}}`"
    one = changes[0]
    if one.old == "example":
        return f"`example` of `{called}` is deprecated: use `examples=[...]`"
    if one.old == "examples":
        return f"`examples` of `{called}` is a list for the JSON schema now: use `openapi_examples` for named ones"
    return f"`{one.old}` is no argument of `{called}` any more: use `{one.new}`"
