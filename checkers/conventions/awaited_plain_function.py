"""An `await` in front of a function that is not `async`: what it returns cannot be awaited.

## Why
`TypeError: object str can't be used in 'await' expression`, each time it runs. Mostly an `async` was forgotten at the
function.

## Example
```python
def process_payment(amount: int) -> str: ...


await process_payment(100)
```

## What to do
Make the function `async def` if it waits for something, or take the `await` out.

## Limits
Plain functions of the project, without decorators, whose return annotation says a number, a text, a `bool`, `None`, a
list, a dict or a model of Pydantic. Where several functions may be meant, or a subclass has one of its own, nothing
is said.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.pydantic.models import is_model
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Callee, Instance, Type, Union

_PLAIN = frozenset(f"builtins.{name}" for name in "str int float bool bytes list dict tuple set NoneType".split())


@rule(
    "TUC119",
    "awaited-plain-function",
    on=ast.Await,
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    libraries=("fastapi", "sqlalchemy", "sqlmodel", "pydantic"),
    triggers=("await",),
    effort=2,
)
def check(node: ast.Await, file: File) -> Iterator[Hit]:
    if not isinstance(node.value, ast.Call):
        return
    callee = file.type_of(node.value.func)
    if not isinstance(callee, Callee) or not file.project.is_own(callee.qualname):
        return
    function = file.project.function(callee.qualname)
    if function is None or function.facts.is_async or function.facts.is_generator or function.facts.decorators:
        return
    if function.facts.returns is None or _is_overridden(function.facts.owner, function.facts.name, callee, file):
        return
    made = file.types.declared_result(function)
    if _is_plain(made, file):
        yield Hit(
            node,
            f"`{function.facts.qualname}` is not `async` ({function.file.path}:{function.facts.pos.line}), and what it "
            "returns cannot be awaited: make it `async def`, or take the `await` out",
            related=(),
        )


def _is_plain(one: Type, file: File) -> bool:
    if isinstance(one, Union):
        return bool(one.items) and all(_is_plain(item, file) for item in one.items)
    if not isinstance(one, Instance):
        return False
    return one.cls in _PLAIN or (
        is_model(file.types, one.cls) is True and file.types.member(one.cls, "__await__") is None
    )


def _is_overridden(owner: str, name: str, callee: Callee, file: File) -> bool:
    """Whether a class below has a method of that name."""
    if not owner:
        return False
    cls = callee.qualname.rpartition(".")[0]
    return any(
        name in one.facts.methods and one.qualname != cls and file.types.is_subclass(one.qualname, cls) is not False
        for one in file.project.classes()
        if one.facts.bases and name in one.facts.methods
    )
