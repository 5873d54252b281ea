"""A model is asked for something internal of Pydantic 1 that version 2 does not have, or is about to lose.

## Why
Code that looks into models reads `__validators__` or calls `_iter()`. Version 2 keeps its knowledge elsewhere:
attributes such as `__validators__` and `__custom_root_type__` raise `AttributeError`, methods such as `_iter()` still
work with a `PydanticDeprecatedSince20` warning and go in 3.0.

## Example
```python
for name, value in user._iter():         # for name, value in user:
    ...
pairs = dict(user._iter(to_dict=True))   # dict(user.model_dump().items())
```

## Fix safety
Unsafe, and for `_iter()` alone: iterating over the model also gives fields that are excluded, and `model_dump()` does
not ask models inside for a `dict()` of their own.

All else is left to a person. The message names what comes nearest: `__pydantic_decorators__` for validators,
`model_fields` for what is excluded, `model_post_init` for `_init_private_attributes()`.

## Limits
Only what is known to be a model is looked at, and names that the project defines itself are left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.config import Config
from trueup.file import File
from trueup.index.facts import FileFacts
from trueup.infer import Inference
from trueup.libraries.pydantic.internals import INTERNALS, plan_pairs
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES, classes_of, is_model, models_below
from trueup.libraries.pydantic.versions import is_guarded
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


def _reads_one(facts: FileFacts, types: Inference, config: Config) -> bool:
    """Whether a file reads something of one of the names."""
    return not INTERNALS.keys().isdisjoint(facts.attributes)


@rule(
    "TUP105",
    "v1-model-internal",
    on=ast.Attribute,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    triggers=tuple(INTERNALS),
    where=_reads_one,
    url=GUIDE + "#changes-to-pydanticbasemodel",
    effort=10,
    step="methods",
)
def used(node: ast.Attribute, file: File) -> Iterable[Hit]:
    """Reads of the attributes, calls of the methods."""
    if node.attr not in INTERNALS or is_guarded(node, file.parent, INTERNALS[node.attr].new):
        return
    if _is_super(node.value):
        klass, function = file.class_at(node), file.function_at(node)
        if klass is None or function is None or function.name == node.attr:
            return  # an override: `v1-method-override` tells of that
        classes = [file.qualified(klass)]
    else:
        classes = [cls for cls, _ in classes_of(file.type_of(node.value)) or []]
    roots = file.config.base_models
    if not classes or not all(
        is_model(file.types, cls, roots) and not _is_own(cls, node.attr, file) for cls in classes
    ):
        return
    one = INTERNALS[node.attr]
    gone = "is gone in Pydantic 2" if one.gone else "is deprecated in Pydantic 2"
    severity = None if one.gone else Severity.WARNING
    call = file.parent(node)
    if node.attr == "_iter" and isinstance(call, ast.Call) and call.func is node and not _is_super(node.value):
        pairs = plan_pairs(call, file.parent(call))
        if pairs is not None and not any(_changes(cls, file) for cls in classes):
            why = "fields with `Field(exclude=True)` are among them now"
            if pairs.shape == "dump":
                why = "a model inside that overrides `dict()` is dumped without it"
            text = f"`_iter` is deprecated in Pydantic 2: {one.instead}"
            yield Hit(call, text, pairs, Safety.UNSAFE, why, severity=severity, span=file.span(node))
            return
    yield Hit(node, f"`{node.attr}` {gone}: {one.instead}", safety=Safety.MANUAL, why=one.instead, severity=severity)


def _changes(cls: str, file: File) -> bool:
    """Whether a class, or one below it, gives its fields in its own way."""
    symbol = file.project.klass(cls)
    below = models_below(file.types, cls)
    return any(
        found is not None and found.owner.file.path in file.project.files
        for one in (symbol, *below)
        if one is not None
        for found in (file.types.member(one.qualname, name) for name in ("__iter__", "_iter"))
    )


def _is_own(cls: str, name: str, file: File) -> bool:
    """Whether the project itself defines a name for a class."""
    found = file.types.member(cls, name)
    return found is not None and found.owner.file.path in file.project.files


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
