"""`case()` gets its conditions in a list, or by the argument `whens=`.

## Why
In 2.0 `case()` takes one pair after the other: `case([(condition, value)])` raises `ArgumentError`, and
`case(whens=...)` raises `TypeError`. A dictionary stays one argument.

## Example
```python
case([(orders.c.paid, "paid"), (orders.c.due, "due")], else_="open")
case(value=orders.c.state, whens={1: "paid", 2: "due"})
```
Use instead:
```python
case((orders.c.paid, "paid"), (orders.c.due, "due"), else_="open")
case({1: "paid", 2: "due"}, value=orders.c.state)
```

## Fix safety
Safe: the same SQL is sent, under 1.4 too. A list in a variable gets a star.

## Limits
Variables that may hold a list or a dictionary are left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.core import LIBRARIES, MIGRATION, CallRewrite, Part
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

from .core_calls import arguments, called, is_list, is_plain


@rule(
    "TUS502",
    "legacy-case",
    on=ast.Call,
    names=("case",),
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=("case",),
    url=MIGRATION + "#select-no-longer-accepts-varied-constructor-arguments-columns-are-passed-positionally",
    effort=2,
    step="sqlalchemy-core",
    prepares=True,
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    if not is_plain(node):
        return
    whens = next((i for i, k in enumerate(node.keywords, len(node.args)) if k.arg == "whens"), None)
    first = whens if whens is not None else 0 if len(node.args) == 1 else None
    if first is None:
        return
    value = arguments(node)[first]
    if isinstance(value, ast.Tuple) or (whens is None and not is_list(value, file)):
        return
    if called(node, file) != "sqlalchemy.case":
        return
    is_dict = isinstance(value, ast.Dict)
    if not is_dict and not is_list(value, file):
        yield Hit(
            node, "`case()` has no `whens=` in SQLAlchemy 2: hand the pairs over one by one", safety=Safety.MANUAL
        )
        return
    rest = [Part(i, keyword=keyword.arg or "") for i, keyword in enumerate(node.keywords, len(node.args)) if i != first]
    plan = CallRewrite((Part(first, unpack=not is_dict), *rest))
    what = "`whens=`" if whens is not None else "a list"
    yield Hit(node, f"`case()` takes {what} no longer in SQLAlchemy 2: hand the pairs over one by one", clue=plan)
