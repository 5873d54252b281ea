"""The place of a validation error is compared with `__root__`, a name that Pydantic 2 does not use.

## Why
What a root validator refuses had the place `("__root__",)` in version 1; in version 2 it is the place of the model
itself, `()` for the outermost. `"__root__" in error["loc"]` is **never true again, and nothing warns**: messages for
the whole form vanish from where they were shown.

## Example
```python
if error["loc"] == ("__root__",):        # == ()
errors = [e for e in errors if e["loc"] == ("body", "__root__")]   # == ("body",)
```

## Fix safety
Unsafe: other errors of the model as a whole, such as data that is no dict at all, have the same place.

## Limits
Repaired where a place is compared with a tuple or list written out; other uses of `__root__` with something called
`loc` are reported. Fields and keys of data called `__root__` are not this rule's business.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES
from trueup.libraries.pydantic.versions import is_guarded
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_TEXT = "Pydantic 2 has no `__root__` in the place of an error: what concerns a whole model has the place of that model"


@rule(
    "TUP744",
    "root-error-location",
    on=ast.Constant,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    triggers=("__root__",),
    url=GUIDE,
    effort=3,
    step="types",
)
def compared(node: ast.Constant, file: File) -> Iterable[Hit]:
    """The string `__root__` where it is compared with the place of an error."""
    if node.value != "__root__" or is_guarded(node, file.parent, "__root__"):
        return
    outer = file.parent(node)
    if isinstance(outer, ast.Tuple | ast.List):
        holder = file.parent(outer)
        if isinstance(holder, ast.Compare) and any(_is_place(one) for one in _sides(holder) if one is not outer):
            why = "other errors of the model as a whole have the same place"
            if outer.elts[-1] is node and isinstance(holder.ops[0], ast.Eq | ast.NotEq):
                yield Hit(outer, f"{_TEXT}, `()` for the outermost", clue=len(outer.elts), why=why)
            else:
                yield Hit(node, _TEXT, safety=Safety.MANUAL, why="what is compared is not the whole place")
    elif isinstance(outer, ast.Compare) and any(_is_place(one) for one in _sides(outer) if one is not node):
        text = f"{_TEXT}, `()` for the outermost: ask for that"
        yield Hit(node, text, safety=Safety.MANUAL, why="what is compared is not the whole place")


def _sides(node: ast.Compare) -> list[ast.expr]:
    return [node.left, *node.comparators]


def _is_place(node: ast.expr) -> bool:
    """Whether an expression is, by its name, the place of an error, or a part of it."""
    match node:
        case ast.Name(id="loc" | "location") | ast.Attribute(attr="loc"):
            return True
        case ast.Subscript(slice=ast.Constant(value="loc")):
            return True
        case ast.Subscript(value=inner) | ast.Call(args=[inner]):
            return _is_place(inner) or (isinstance(node, ast.Call) and _is_get(node))
        case ast.Call():
            return _is_get(node)
    return False


def _is_get(node: ast.Call) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value="loc"), *_]):
            return True
    return False
