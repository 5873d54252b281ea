"""A private attribute is set before `super().__init__()`, which Pydantic 2 refuses.

## Why
In Pydantic 1 the slots of private attributes were there from the start. Version 2 sets them up in `__init__`:
assigning earlier raises `AttributeError: 'Model' object has no attribute '__pydantic_private__'`, as soon as an
object is made.

## What to do
Assign after `super().__init__(...)`, or write `model_post_init`, which runs when the fields and the private
attributes are set:

```python
def model_post_init(self, context: Any, /) -> None:
    self._client = Client(self.url)
```

## Limits
Only assignments to `self` in the body of `__init__` itself are seen, not those of methods that it calls.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES, holds_models, is_model
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUP305",
    "private-attribute-before-init",
    on=ast.FunctionDef,
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    libraries=LIBRARIES,
    where=holds_models,
    triggers=("super().__init__",),
    url=GUIDE + "#changes-to-pydanticbasemodel",
    effort=5,
    step="fields",
)
def initialiser(node: ast.FunctionDef, file: File) -> Iterable[Hit]:
    """The `__init__` of models."""
    owner = file.parent(node)
    if node.name != "__init__" or not isinstance(owner, ast.ClassDef) or not node.args.args:
        return
    facts = file.class_at(owner)
    if facts is None or not is_model(file.types, file.qualified(facts), file.config.base_models):
        return
    self = node.args.args[0].arg
    early: list[ast.Attribute] = []
    for statement in node.body:
        if any(_is_super_init(one) for one in ast.walk(statement)):
            break
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            for target in targets:
                match target:
                    case ast.Attribute(value=ast.Name(id=name), attr=attr) if name == self and _is_private(attr):
                        early.append(target)
    else:
        return
    for target in early:
        if file.types.member(file.qualified(facts), target.attr) is None:
            continue
        text = f"`{target.attr}` is set before `super().__init__()`, which Pydantic 2 refuses: set it after that"
        yield Hit(target, text, safety=Safety.MANUAL)


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _is_super_init(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__")):
            return True
    return False
