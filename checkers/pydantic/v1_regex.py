"""A regular expression is given as `regex`, which Pydantic 2 does not know, and which it matched at the start.

## Why
`Field(regex=...)` and `constr(regex=...)` raise an error when the module is imported. Renaming them to `pattern` is
not enough: version 1 matched as `re.match` does, at the start of the text, and version 2 searches **anywhere** in it,
so that `regex="[A-Z]{2}"` would let `"x-AB"` pass. And version 2 uses Rust's engine, which has no look-around, no
back references and no `\\Z`: with these the class cannot even be created.

## Example
```python
class Order(BaseModel):
    code: str = Field(..., regex="[A-Z]{2}")     # Field(..., pattern="^[A-Z]{2}")
    kind: constr(regex="a|b")                    # constr(pattern="^(?:a|b)")
    name: str = Field(regex=r"^(?!-).+")         # Field(pattern=re.compile(r"^(?!-).+"))
```

## Fix safety
Safe: the expression is anchored where it was not, in its own quotes, and compiled by `re` where Rust's engine would
refuse it: Pydantic then uses Python's. A name is followed to the text it stands for, if that is assigned once. A text
in several parts of which the first is seen is anchored and compiled. Left to a person is what cannot be read: calls,
texts that begin with a variable.

## Limits
Behind Python's `$` a line break may follow, behind Rust's it may not. `sqlmodel.Field`, which forgets `regex`, is the
business of `forgotten-field-argument`; parameters of FastAPI are that of `v1-parameter-regex`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.field_calls import FIELD, given, has_argument
from trueup.libraries.pydantic.models import GUIDE
from trueup.libraries.pydantic.patterns import plan_regex
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUP312",
    "v1-regex",
    on=ast.Call,
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=("pydantic",),
    triggers=has_argument("regex"),
    url=GUIDE + "#changes-to-pydanticfield",
    effort=5,
    step="fields",
)
def regex(node: ast.Call, file: File) -> Iterable[Hit]:
    """Calls of `Field` and of `constr`, wherever they stand."""
    value = given(node).get("regex")
    if value is None or file.qualname(node.func) not in (FIELD, "pydantic.constr"):
        return
    what = f"`regex` is no argument of `{file.segment(node.func)}` in Pydantic 2"
    if isinstance(value, ast.Constant) and value.value is None:
        yield Hit(node, f"{what}: use `pattern`")
        return
    plan = plan_regex(value, file.segment, file.qualname, file.types)
    if isinstance(plan, str):
        yield Hit(node, f"{what}: use `pattern`, and {plan}", safety=Safety.MANUAL, why=plan)
        return
    yield Hit(node, f"{what}: use `pattern`" + (f" {plan.remark}" if plan.remark else ""), clue=plan)
