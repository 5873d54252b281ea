"""A `@model_validator(mode="after")` is a class method.

## Why
A validator that runs after the fields gets the finished object. As a class method it is deprecated since Pydantic 2.12,
and what looks like a dict of values in it is the model itself: `values["a"]` and `values.get("a")` raise an error.
Half-done migrations look like this.

## Example
```python
@model_validator(mode="after")
@classmethod                    # (gone)
def order(cls, values):         # def order(self):
    assert values.start < values.end  # assert self.start < self.end
    return values               #     return self
```

## Fix safety
Safe: the class method becomes a method, its second parameter becomes `self`, and `cls` becomes `type(self)`. Left to a
person where it uses the object as a dict, takes `info`, or assigns to the parameter.

## Limits
Validators that are made by calling the decorator with a function are not looked at.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.config import Obstacle
from trueup.libraries.pydantic.models import LIBRARIES
from trueup.libraries.pydantic.name_uses import names_in, uses_of
from trueup.libraries.pydantic.root_plans import RootChange, class_rewrites
from trueup.libraries.pydantic.validators import MODEL_VALIDATOR
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

from .decorators import is_decorator


@rule(
    "TUP542",
    "classmethod-after-validator",
    on=ast.FunctionDef,
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=("model_validator",),
    url="https://docs.pydantic.dev/latest/concepts/validators/#model-after-validator",
    effort=3,
    step="validators",
)
def decorated(node: ast.FunctionDef, file: File) -> Iterable[Hit]:
    """Functions with both decorators, or with `cls` as the first parameter of two."""
    found = [one for one in node.decorator_list if _is_after(one, file)]
    names = [one.id for one in node.decorator_list if isinstance(one, ast.Name)]
    args = [*node.args.posonlyargs, *node.args.args]
    implicit = len(args) == 2 and args[0].arg == "cls"
    if not found or not ("classmethod" in names or implicit) or "staticmethod" in names:
        return
    made = _change(node, file)
    what = '`@model_validator(mode="after")` on a class method is deprecated in Pydantic 2.12'
    if isinstance(made, Obstacle):
        text = f"{what}, and no machine can rewrite this one: {made.text}"
        yield Hit(node, text, safety=Safety.MANUAL, why=made.text, span=file.span(found[0]))
        return
    yield Hit(node, f"{what}: make it a method, whose `self` is the model", clue=made, span=file.span(found[0]))


def _is_after(node: ast.expr, file: File) -> bool:
    if not isinstance(node, ast.Call) or not is_decorator(node.func, file, MODEL_VALIDATOR):
        return False
    return any(
        one.arg == "mode" and isinstance(one.value, ast.Constant) and one.value.value == "after"
        for one in node.keywords
    )


def _change(node: ast.FunctionDef, file: File) -> RootChange | Obstacle:
    args = [*node.args.posonlyargs, *node.args.args]
    if len(args) != 2 or node.args.vararg or node.args.kwarg or node.args.kwonlyargs:
        return Obstacle("write its parameters as `self`, or `self, info`")
    cls, values = args[0].arg, args[1].arg
    uses = uses_of(node, values)
    if not uses.everywhere:
        return Obstacle(f"`{values}` is assigned in it, and is the model itself: work on `self`")
    if values != "self" and "self" in names_in(node):
        return Obstacle("it uses the name `self` for something else: rename that")
    if any(_is_of_dict(load, file.parent(load)) for load in uses.loads):
        return Obstacle(f"it uses `{values}` as a dict, but it is the model itself: read the attributes of `self`")
    of_class = class_rewrites(node, cls, file.parent, file.segment, lambda name: False)
    if isinstance(of_class, Obstacle):
        return of_class
    rewrites = tuple(of_class) + (((values, "self"),) if values != "self" and uses.loads else ())
    return RootChange("attributes", values, rewrites=rewrites)


def _is_of_dict(load: ast.Name, held: ast.AST | None) -> bool:
    """Whether a name is used as only a dict can be."""
    match held:
        case ast.Subscript(value=value):
            return value is load
        case ast.Attribute(attr="get" | "pop" | "update" | "setdefault" | "items" | "keys"):
            return True
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[value]):
            return value is load
    return False
