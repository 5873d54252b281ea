"""A model is given a value of a type that Pydantic 1 converted and Pydantic 2 refuses.

## Why
Version 1 took `User(name=5)` and stored `"5"`, took a `datetime` for a `date` and cut the time off, took `1.5` for an
`int` and stored 1. Version 2 raises a `ValidationError` where nothing is wrong with the data but its type, at the first
request that comes by: no test that uses texts for texts finds it. It was the most frequent fault after real migrations.

## Example
```python
Invoice(number=order.id, day=datetime.now())   # Invoice(number=str(order.id), day=datetime.now().date())
```

## Fix safety
Safe: the value is converted where it is passed, as version 1 did. Where it may be None, that stays None.

## Limits
Only for values and fields whose types are known, in calls of the model by keyword: `str` from numbers, `int` from
`float` and `Decimal`, `date` from `datetime`, `bytes` from numbers, `dict` from a list. Silent for models that have
validators that run first, a validator in an annotation or an `__init__` of their own. A `float` for an `int` is
refused only if it has a fraction.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.config import Config
from trueup.file import File
from trueup.index.facts import FileFacts
from trueup.infer import Inference
from trueup.libraries.pydantic.conversions import converts_itself, lost, may_be_lost
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES, is_model, models_among
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import ClassObject, Instance, without_none


def _calls_models(facts: FileFacts, types: Inference, config: Config) -> bool:
    """Whether a file calls anything by keyword that is called like a model of the project."""
    names = models_among(types, facts.called, tuple(config.base_models))
    return bool(names) and any(
        one.call.keywords and _called(one.call.func) in names for _, one in types.call_sites(facts)
    )


def _names_here(file: File) -> frozenset[str]:
    """What models of the project are called in a file."""

    def find() -> frozenset[str]:
        scopes = [file.facts.scope, *[function.scope for function in file.facts.functions]]
        imported = {one.attr for scope in scopes for one in scope.imports}
        names = models_among(file.types, {*file.facts.called, *imported}, tuple(file.config.base_models))
        return names | {one.name for scope in scopes for one in scope.imports if one.attr in names}

    return file.types.once(("models are called", file.path), find)


def _called(expr: object) -> str:
    return str(getattr(expr, "id", None) or getattr(expr, "attr", ""))


@rule(
    "TUP802",
    "lost-conversion",
    on=ast.Call,
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    where=_calls_models,
    url=GUIDE + "#conversion-table",
    effort=3,
    step="values",
    prepares=True,
)
def given(node: ast.Call, file: File) -> Iterable[Hit]:
    """A call of a model, and what it is given for its fields."""
    if not node.keywords or not isinstance(node.func, ast.Name | ast.Attribute):
        return
    if _called(node.func) not in _names_here(file):
        return
    callee = file.type_of(node.func)
    if not isinstance(callee, ClassObject) or not is_model(file.types, callee.cls, file.config.base_models):
        return
    for keyword in node.keywords:
        if keyword.arg is None or (isinstance(keyword.value, ast.Constant) and keyword.value.value is None):
            continue
        field = file.types.attribute(Instance(callee.cls, callee.args), keyword.arg)
        if not may_be_lost(field):
            continue
        found = file.type_of(keyword.value)
        conversion = lost(field, found)
        if conversion is None or _is_whole(keyword.value):
            continue
        if converts_itself(file.types, callee.cls, file.config.base_models):
            return
        value = keyword.value
        optional = without_none(found) != found
        if optional and not isinstance(value, ast.Name | ast.Attribute):
            safety, why = Safety.MANUAL, "the value may be None"
        else:
            safety, why = None, ""
        name = callee.cls.rpartition(".")[2]
        code = conversion.code.format("...")
        text = (
            f"`{name}.{keyword.arg}` is `{conversion.wanted}` and gets `{conversion.given}`, which Pydantic 1 "
            f"converted and Pydantic 2 refuses: pass `{code}`"
        )
        yield Hit(value, text, clue=(conversion.code, optional), safety=safety, why=why)


def _is_whole(node: ast.expr) -> bool:
    """Whether a number is written out and has no fraction: version 2 takes `1.0` for an `int`."""
    return isinstance(node, ast.Constant) and isinstance(node.value, float) and node.value.is_integer()
