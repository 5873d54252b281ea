"""A generic model is made with `GenericModel`, which is `BaseModel` itself in Pydantic 2.

## Why
Every model can be generic in version 2. `GenericModel` is only another name of `BaseModel` there, which warns, and
goes in 3.0. A class that has it beside another model among its bases cannot even be created: `class
Page(GenericModel, Base, Generic[T])` gives a `TypeError`, for `BaseModel` would stand in front of a class that
inherits from it.

## Example
```python
class Page(GenericModel, Generic[T]):        # class Page(BaseModel, Generic[T]):
class Users(GenericModel, Base, Generic[T]):  # class Users(Base, Generic[T]):
```

## Fix safety
Safe: `BaseModel` takes the place of `GenericModel`, or, where another base is a model, `GenericModel` goes.

Unsafe where

- `Generic[T]` stands in front of the models. It goes behind them, as version 2 wants it; until then `Page[int]`
  checked nothing, for the model did not know of its type argument.
- it is `isinstance(x, GenericModel)` or `issubclass`, which hold for every model then.
- the class of another base is not known: if that is a model, `BaseModel` has to go.

## Limits
The names of generic models in schemas change where a type argument is a container of models: `Page[List[app.User]]`
is `Page[List[User]]` in version 2. That is the upgrade's doing; compare the OpenAPI documents of both versions.
Imports with a fallback (`try: from pydantic.generics import GenericModel`) are left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import cast

from trueup.config import Config
from trueup.file import File
from trueup.index.facts import FileFacts
from trueup.infer import Inference
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES, is_model
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import ClassObject

GENERIC_MODEL = "pydantic.generics.GenericModel"


def _imports_it(facts: FileFacts, types: Inference, config: Config) -> bool:
    """Whether a file can have `GenericModel` by any name."""
    return (
        "pydantic" in facts.imported
        or "GenericModel" in facts.attributes
        or any(one.attr == "GenericModel" or scope.stars for scope in (facts.scope,) for one in scope.imports)
    )


@rule(
    "TUP641",
    "v1-generic-model",
    on=(ast.Name, ast.Attribute),
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=("GenericModel",),
    where=_imports_it,
    url=GUIDE + "#removed-in-pydantic-v2",
    step="roots",
)
def used(node: ast.Name | ast.Attribute, file: File) -> Iterable[Hit]:
    """Uses of `GenericModel`, as a base and elsewhere."""
    if not isinstance(node.ctx, ast.Load) or not _may_be(node, file) or file.qualname(node) != GENERIC_MODEL:
        return
    parent = file.parent(node)
    if isinstance(parent, ast.ClassDef) and node in parent.bases:
        yield _base(node, parent, file)
        return
    text = "`GenericModel` is `BaseModel` in Pydantic 2: name that"
    if isinstance(parent, ast.Call) and file.qualname(parent.func) in ("builtins.isinstance", "builtins.issubclass"):
        why = "every model is a `BaseModel`, generic or not"
        yield Hit(node, f"{text}, or ask for the class that is meant", "name", safety=Safety.UNSAFE, why=why)
    else:
        yield Hit(node, text, "name")


def _base(node: ast.Name | ast.Attribute, klass: ast.ClassDef, file: File) -> Hit:
    """What becomes of the bases of a class."""
    models: list[ast.expr] = []
    unknown: list[ast.expr] = []
    for base in klass.bases:
        plain = base.value if isinstance(base, ast.Subscript) else base
        if base is node or file.qualname(plain) in ("typing.Generic", "typing.Protocol"):
            continue
        found = file.type_of(base)
        known = is_model(file.types, found.cls, file.config.base_models) if isinstance(found, ClassObject) else None
        if known:
            models.append(base)
        elif known is None:
            unknown.append(base)
    generic = next((i for i, b in enumerate(klass.bases) if _is_generic(b, file)), None)
    last = max([klass.bases.index(node), *(klass.bases.index(one) for one in models)])
    moved = generic is not None and generic < last
    clue = ("drop" if models else "base", cast("int", generic) if moved else -1)
    if models:
        text = f"`GenericModel` is `BaseModel` in Pydantic 2, which `{file.segment(models[0])}` is already: drop it"
        severity = Severity.ERROR
    else:
        text = "`GenericModel` is `BaseModel` in Pydantic 2, where every model can be generic: inherit from that"
        severity = None
    why = ""
    if unknown:
        why = f"the base `{file.segment(unknown[0])}` is not known; if it is a model, `BaseModel` must go"
    elif moved:
        why = "with `Generic[...]` in front of the models their type argument was never checked, and now it is"
    safety = Safety.UNSAFE if why else None
    return Hit(klass, text, clue, safety=safety, why=why, severity=severity, span=file.span(node))


def _is_generic(base: ast.expr, file: File) -> bool:
    return isinstance(base, ast.Subscript) and file.qualname(base.value) == "typing.Generic"


def _may_be(node: ast.Name | ast.Attribute, file: File) -> bool:
    """Whether a name can mean `GenericModel` and nothing else, before it is looked up."""
    if isinstance(node, ast.Attribute):
        return node.attr == "GenericModel"
    imports = file.project.names(file.facts.scope).imports.get(node.id, ())
    return all(not one.when or one.when == "type-checking" for one in imports)
