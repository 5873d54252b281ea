"""The `type` of a validation error is compared with a code of Pydantic 1.

## Why
Version 2 has other codes: `value_error.missing` is `missing`, `type_error.integer` is one of `int_type`, `int_parsing`
and `int_from_float`. A comparison with an old code is **never true again, and nothing warns**: the special case it
stands for is dead, a message is no longer translated, a test fails.

## Example
```python
if error["type"] == "value_error.missing":      # == "missing"
if error["type"] == "type_error.integer":       # in ("int_from_float", "int_parsing", "int_type")
```

## Fix safety
Unsafe: the new codes stand for what the old one stood for in most cases; version 2 draws the lines elsewhere here and
there (a number for a text was no error at all), and another program may be sent these codes.

## Limits
Codes in dicts, calls and other places are only reported, and so are those whose successor depends on the field. Codes
that are put together from parts are not seen. Codes of your own (`value_error.my_code`) stay as they are.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.errors import ELSEWHERE, ERROR_TYPES
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES
from trueup.libraries.pydantic.versions import is_guarded
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_WHY = "Pydantic 2 draws the lines between its codes elsewhere here and there"


@rule(
    "TUP743",
    "v1-error-type",
    on=ast.Constant,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    triggers=("value_error.", "type_error."),
    url=GUIDE,
    effort=3,
    step="types",
)
def compared(node: ast.Constant, file: File) -> Iterable[Hit]:
    """A string that is a code of version 1."""
    code = node.value
    if not isinstance(code, str) or (code not in ERROR_TYPES and code not in ELSEWHERE):
        return
    outer = file.parent(node)
    if isinstance(outer, ast.Expr | ast.JoinedStr) or is_guarded(node, file.parent, code):
        return
    if code in ELSEWHERE:
        text = f"Pydantic 2 has no error of the type `{code}`: compare with {ELSEWHERE[code]}"
        yield Hit(node, text, safety=Safety.MANUAL, why="its successor depends on the field")
        return
    new = ERROR_TYPES[code]
    shown = ", ".join(f"`{one}`" for one in new)
    text = f"Pydantic 2 has no error of the type `{code}`: it is {'one of ' if len(new) > 1 else ''}{shown}"
    how = _how(node, outer, file)
    if how == "alone" and len(new) > 1 and outer is not None:
        yield Hit(outer, text, clue=("compare", new), why=_WHY, span=file.span(node))
    elif how:
        yield Hit(node, text, clue=(how, new), why=_WHY)
    else:
        yield Hit(node, text, safety=Safety.MANUAL, why="what the code is used for is not seen")


def _how(node: ast.Constant, outer: ast.AST | None, file: File) -> str:
    """In what way a code is compared: alone, as one of several; empty where it is not."""
    match outer:
        case ast.Compare(ops=[ast.Eq() | ast.NotEq()], comparators=[right]) if right is node:
            return "alone"
        case ast.Tuple() | ast.List() | ast.Set():
            match file.parent(outer):
                case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[right]) if right is outer:
                    return "several"
    return ""
