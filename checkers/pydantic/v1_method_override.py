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
All repairs are unsafe:

- A `dict()` that hands its arguments on to `super().dict()` and changes what that gives becomes a serializer:
  `json()` of the model itself did not call `dict()`, and `model_dump_json()` does call the serializer; fields that are
  excluded are excluded from what `handler` gives, as before.
- A `from_orm(cls, obj)` becomes a `@model_validator(mode="wrap")`, with `handler(obj)` for `super().from_orm(obj)`. It
  is run for whatever is no dict and no object of the class, as version 1 did for models inside others; where it was
  called with such a thing, it no longer does anything. Calls of it become those of `model_validate`.
- `copy`, `json`, `construct`, `schema` and `parse_raw`, which only the project's own code calls, get their new names,
  and so do their `super()` calls, all along the classes that override them. So does a `dict()` that only gives
  arguments other defaults, for version 1 itself left none of them out (but in `pydantic_encoder`). The old name stays
  beside the new one (`copy = model_copy`), for calls on what is not known to be a model. What the methods above do
  otherwise is that of `v1-model-method`.

All else is left to a person, for what the override is for decides which hook takes its place: a `@model_serializer`
for `dict`, a `@model_validator(mode="wrap")` for `validate`, `model_post_init` for `_init_private_attributes`. A
`dict()` that only sets arguments (`exclude_none=True`) is best dropped, and the argument given where the model is
dumped, for responses in `response_model_exclude_none=True`.

## Limits
Properties, validators and methods of objects that only share the name (`def validate(self)`) are left alone, and so
are classes that define the new method too, or call it in the old one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.config import Config
from trueup.file import File
from trueup.index.facts import Class, Const, FileFacts
from trueup.infer import Inference
from trueup.libraries.pydantic.config import config_of
from trueup.libraries.pydantic.methods import METHODS, Plan
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES, is_model, overridden_below, overriders
from trueup.libraries.pydantic.overrides import (
    CLASS_HOOKS,
    HOOKS,
    RENAMED,
    SERIALIZERS,
    VALIDATOR,
    RenamedMethod,
    WrapSerializer,
    WrapValidator,
    adds_only,
    defaults_only,
    object_read,
    plan_renaming,
    sets_only,
)
from trueup.libraries.pydantic.versions import dialect
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Instance, without_none


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
    if not hook.caller or (name == "dict" and _gives_defaults(node, klass, file)):
        new = "`model_dump`" if hook.caller else hook.instead
        text = f"`{name}` overrides a method whose old name goes in Pydantic 3: rename it and its calls to {new}"
        family = _family(file.qualified(klass), name, file)
        plan = _renaming(node, name, decorators, family, file)
        group = f"{family[0]}.{name}" if len(family) > 1 else ""
        if plan is None or plan.clue is None:
            why = "its calls have to be renamed with it"
            yield Hit(node, text, safety=Safety.MANUAL, why=why, group=group, severity=Severity.WARNING, span=where)
        else:
            yield Hit(
                node,
                text,
                RenamedMethod(name, METHODS[name]),
                why=plan.why,
                group=group,
                members=len(family) if group else 0,
                severity=Severity.WARNING,
                span=where,
            )
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
    read = _reading(node, klass, decorators, file)
    if read is not None:
        why = "a dict, or an object of the class itself, that is given to it is taken as it is"
        yield Hit(node, text, read, why=why, span=where)
    elif clue is None:
        why = "what the override is for decides which hook takes its place"
        yield Hit(node, text, safety=Safety.MANUAL, why=why, span=where)
    else:
        why = "`model_dump_json()` uses the serializer, and `json()` of the model itself did not use `dict()`"
        yield Hit(node, text, clue, why=why, span=where)


def _gives_defaults(node: ast.FunctionDef | ast.AsyncFunctionDef, klass: Class, file: File) -> bool:
    """Whether a `dict()`, the only one of its kind, gives arguments other defaults and does no more."""
    return defaults_only(node) and len(_family(file.qualified(klass), node.name, file)) == 1


def _family(cls: str, name: str, file: File) -> tuple[str, ...]:
    """The classes that override a method, from the one at the top of those above a class on."""
    roots = file.config.base_models
    first = cls
    for one in file.types.mro(cls).names:
        symbol = file.project.klass(one)
        if symbol is not None and symbol.file.path in file.project.files and name in symbol.facts.methods:
            first = one
    return (first, *(one for one in overriders(file.types, first, name, roots) if one != first))


def _renaming(
    node: ast.FunctionDef | ast.AsyncFunctionDef, name: str, decorators: list[str], family: tuple[str, ...], file: File
) -> Plan | None:
    """The new name, where that is all there is to an override, and nothing is in its way."""
    if name not in RENAMED or not isinstance(node, ast.FunctionDef):
        return None
    if decorators != (["builtins.classmethod"] if name in CLASS_HOOKS else []):
        return None
    new = METHODS[name]
    for one in family:
        symbol = file.project.klass(one)
        if symbol is None or new in symbol.facts.methods or any(f.name in (name, new) for f in symbol.facts.fields):
            return None
    return plan_renaming(node, lambda arg: without_none(file.type_of(arg)) == Instance("builtins.int"))


def _reading(
    node: ast.FunctionDef | ast.AsyncFunctionDef, klass: Class, decorators: list[str], file: File
) -> WrapValidator | None:
    """What becomes of a `from_orm`; None where it is one of several, or takes more than an object."""
    if node.name != "from_orm" or not isinstance(node, ast.FunctionDef) or decorators != ["builtins.classmethod"]:
        return None
    cls, value = file.qualified(klass), object_read(node)
    if not value or len(_family(cls, node.name, file)) > 1 or file.types.member(cls, VALIDATOR) is not None:
        return None
    if not file.types.mro(cls).complete:
        return None
    configured = config_of(file.types, cls, "orm_mode", "from_attributes") == Const("bool", "True")
    return WrapValidator(value) if configured else None


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
