"""A model overrides a method of Pydantic 1 that Pydantic 2 no longer calls.

## Why
In version 1 a model inside another was dumped with its own `dict()`, FastAPI's responses and `jsonable_encoder`
called it too, and ORM objects went through `from_orm()`. Version 2 does all that in its core and calls none of these
methods: what the override adds, hides or checks is missing from then on, **without a warning**. Renaming it to
`model_dump` does not help: models inside others and responses do not call that either.

## Example
```python
def dict(self, **kwargs):            # @model_serializer(mode="wrap")
    found = super().dict(**kwargs)   # def _serialize(self, handler):
    found["id"] = self.id            #     found = handler(self)
    return found                     #     found["id"] = self.id
                                     #     return found
```

## Fix safety
There is a repair for a `dict()` that hands its arguments on to `super().dict()` and changes what that gives. It is
unsafe: `json()` of the model itself did not call `dict()`, and `model_dump_json()` does call the serializer; fields
that are excluded are excluded from what `handler` gives, as before.

All else is left to a person, for what the override is for decides which hook takes its place: a `@model_serializer`
for `dict`, a `@model_validator(mode="wrap")` for `from_orm` and `validate`, `model_post_init` for
`_init_private_attributes`. A `dict()` that only sets arguments (`exclude_none=True`) is best dropped, and the
argument given where the model is dumped, for responses in `response_model_exclude_none=True`.

Methods that only the project's own code calls (`json`, `copy`, `construct`) still work; the message says by which
name they go on working in 3.0.

## Limits
Properties, validators and methods of objects that only share the name (`def validate(self)`) are left alone, and so
are classes that define the new method too, or call it in the old one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.config import Config
from trueup.file import File
from trueup.index.facts import Class, FileFacts
from trueup.infer import Inference
from trueup.libraries.pydantic.methods import METHODS
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES, is_model, overridden_below
from trueup.libraries.pydantic.overrides import CLASS_HOOKS, HOOKS, SERIALIZERS, WrapSerializer, adds_only, sets_only
from trueup.libraries.pydantic.versions import dialect
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


def _defines_one(facts: FileFacts, types: Inference, config: Config) -> bool:
    """Whether a class of a file has a method of one of the names."""
    return any(name in HOOKS for klass in facts.classes for name in klass.methods)


@rule(
    "TUP102",
    "v1-method-override",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    triggers=tuple(HOOKS),
    where=_defines_one,
    url=GUIDE + "#changes-to-pydanticbasemodel",
    effort=10,
    step="methods",
)
def overridden(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterable[Hit]:
    """The methods, one by one."""
    name = node.name
    owner = file.parent(node)
    klass = file.class_at(owner) if name in HOOKS and isinstance(owner, ast.ClassDef) else None
    if klass is None or not is_model(file.types, file.qualified(klass), file.config.base_models):
        return
    decorators = [file.qualname(d.func if isinstance(d, ast.Call) else d) or "" for d in node.decorator_list]
    if any(d.startswith("pydantic.") or d in ("builtins.property", "typing.overload") for d in decorators):
        return
    if name in CLASS_HOOKS and "builtins.classmethod" not in decorators:
        return
    new = METHODS.get(name, "")
    if new and (new in klass.methods or any(isinstance(n, ast.Attribute) and n.attr == new for n in ast.walk(node))):
        return
    hook = HOOKS[name]
    if dialect(file.types) == "2" and not _calls_above(node, name):
        return
    where = file.header(node)
    if not hook.caller:
        text = (
            f"`{name}` overrides a method whose old name goes in Pydantic 3: rename it and its calls to {hook.instead}"
        )
        why = "its calls have to be renamed with it"
        yield Hit(node, text, safety=Safety.MANUAL, why=why, severity=Severity.WARNING, span=where)
        return
    text = f"Pydantic 1 called `{name}` {hook.caller}, Pydantic 2 never does, and nothing warns: write {hook.instead}"
    given = sets_only(node) if name == "dict" else []
    if given:
        shown = ", ".join(f"`{one}=`" for one in given)
        text = (
            f"Pydantic 1 called `dict` {hook.caller}, Pydantic 2 never does: drop it, and give {shown} "
            f"where the model is dumped (`response_model_{given[0]}=` for routes)"
        )
    clue = _repair(node, klass, file) if name == "dict" and isinstance(node, ast.FunctionDef) else None
    if clue is None:
        why = "what the override is for decides which hook takes its place"
        yield Hit(node, text, safety=Safety.MANUAL, why=why, span=where)
    else:
        why = "`model_dump_json()` uses the serializer, and `json()` of the model itself did not use `dict()`"
        yield Hit(node, text, clue, why=why, span=where)


def _calls_above(node: ast.AST, name: str) -> bool:
    """Whether a method calls the one it overrides."""
    for one in ast.walk(node):
        match one:
            case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr=attr) if attr == name:
                return True
    return False


def _repair(node: ast.FunctionDef, klass: Class, file: File) -> WrapSerializer | None:
    """What becomes of a `dict()` that adds to what `super().dict()` gives; None where it does something else."""
    if adds_only(node) is None:
        return None
    cls = file.qualified(klass)
    if overridden_below(file.types, cls, "dict", file.config.base_models) is not None:
        return None
    for name in file.types.mro(cls).names[1:]:
        above = file.project.klass(name)
        if above is not None and above.file.path in file.project.files and "dict" in above.facts.methods:
            return None
    free = [one for one in SERIALIZERS if file.types.member(cls, one) is None]
    return WrapSerializer(free[0], "handler") if free and not _uses(node, "handler") else None


def _uses(node: ast.AST, name: str) -> bool:
    return any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(node))
