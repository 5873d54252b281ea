"""A parameter of a route has a `regex`, which FastAPI on Pydantic 2 searches for anywhere in the text.

## Why
On Pydantic 1 `Query(regex="bc")` matched as `re.match` does, at the start: `abc` got a 422. On Pydantic 2 the same
line lets it pass, with nothing but a deprecation warning. And Rust's engine has no look-around, no back references
and no `\\Z`: with these the application does not start.

## Example
```python
def find(code: str = Query(..., regex="[A-Z]{2}")):     # Query(..., pattern="^[A-Z]{2}")
```

## Fix safety
Safe: the expression is anchored where it was not, in its own quotes, and compiled by `re` where Rust's engine would
refuse it. `pattern` needs FastAPI 0.100. Left to a person is what cannot be read: calls, texts that begin with a
variable.

## Limits
Behind Python's `$` a line break may follow, behind Rust's it may not. `Field(regex=...)` is the business of
`v1-regex`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.field_calls import PARAMETERS, given, has_argument
from trueup.libraries.pydantic.models import GUIDE
from trueup.libraries.pydantic.patterns import plan_regex
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUP901",
    "v1-parameter-regex",
    on=ast.Call,
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=("fastapi",),
    triggers=has_argument("regex"),
    url=GUIDE + "#changes-to-pydanticfield",
    effort=5,
    step="fastapi",
)
def regex(node: ast.Call, file: File) -> Iterable[Hit]:
    """Calls of `Query`, `Path`, `Form` and so on."""
    value = given(node).get("regex")
    if value is None or file.qualname(node.func) not in PARAMETERS:
        return
    what = f"`regex` of `{file.segment(node.func)}` is searched for anywhere in Pydantic 2, and deprecated"
    if isinstance(value, ast.Constant) and value.value is None:
        yield Hit(node, f"{what}: use `pattern`", severity=Severity.WARNING)
        return
    plan = plan_regex(value, file.segment, file.qualname, file.types)
    if isinstance(plan, str):
        yield Hit(node, f"{what}: use `pattern`, and {plan}", safety=Safety.MANUAL, why=plan)
        return
    severity = None if plan.remark else Severity.WARNING
    yield Hit(node, f"{what}: use `pattern` {plan.remark}".rstrip(), clue=plan, severity=severity)
