"""A data class of Pydantic has a `__post_init_post_parse__`, which version 2 never calls.

## Why
In version 1 `__post_init__` of a data class ran before validation and `__post_init_post_parse__` behind it. In
version 2 `__post_init__` runs behind it, and `__post_init_post_parse__` is **not called at all, without a warning**:
what it computes or checks is missing.

## Example
```python
@dataclass
class Area:
    width: int
    height: int

    def __post_init_post_parse__(self):    # def __post_init__(self):
        self.size = self.width * self.height
```

## Fix safety
Safe: the new name runs when the old one did. Unsafe with an `InitVar`, which is validated now and was handed on as it
was. Calls of `super().__post_init_post_parse__()` get the new name too, and a class changes together with the classes
above and below it.

Left to a person: where one of these has a `__post_init__` as well. It ran on what was passed in and now runs on
validated values: move it into a `@model_validator(mode="before")`, or put both into one `__post_init__`.

## Limits
Only classes that have the decorator of Pydantic are looked at, and those above them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.infer import Inference
from trueup.libraries.pydantic.dataclasses import AFTER, INIT, validates
from trueup.libraries.pydantic.models import GUIDE
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUP661",
    "v1-post-init-post-parse",
    on=(ast.FunctionDef, ast.Attribute),
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=("pydantic",),
    triggers=(AFTER,),
    url=GUIDE + "#changes-to-dataclasses",
    step="types",
)
def used(node: ast.FunctionDef | ast.Attribute, file: File) -> Iterable[Hit]:
    """The method, and what calls it."""
    if isinstance(node, ast.FunctionDef):
        owner = file.parent(node)
        klass = file.class_at(owner) if node.name == AFTER and isinstance(owner, ast.ClassDef) else None
        text = (
            f"Pydantic 2 never calls `{AFTER}`, and nothing warns: call it `{INIT}`, which runs behind validation there"
        )
        span = file.header(node)
    else:
        klass = file.class_at(node) if node.attr == AFTER else None
        text = f"`{AFTER}` is `{INIT}` in Pydantic 2: call that"
        span = file.span(node)
    if klass is None or not validates(file.types, cls := file.qualified(klass)):
        return
    family = _family(cls, file)
    other = next((name for name in family if INIT in _methods(name, file)), None)
    if other is not None:
        short = other.rpartition(".")[2]
        why = f"`{short}` has a `{INIT}` too, which ran before validation: make that a validator, or both one method"
        yield Hit(node, f"{text}; {why}", safety=Safety.MANUAL, why=why, span=span)
        return
    group = f"{AFTER} of {family[-1]}"
    if isinstance(node, ast.FunctionDef) and len(node.args.args) > 1:
        why = "version 2 validates what is given for an `InitVar`, 1 handed it on as it was"
        yield Hit(node, text, INIT, safety=Safety.UNSAFE, why=why, group=group, span=span)
        return
    yield Hit(node, text, INIT, group=group, span=span)


def _family(cls: str, file: File) -> list[str]:
    """The classes of the project above and below a class that have the method or its new name, topmost last."""
    names = [one for one in file.types.mro(cls).names if {AFTER, INIT} & set(_methods(one, file))]
    top = names[-1] if names else cls
    below = file.types.shared(_heirs_with_method).get(top, ())
    return [*(one for one in below if one not in names), *names]


def _methods(cls: str, file: File) -> tuple[str, ...]:
    symbol = file.project.klass(cls)
    return symbol.facts.methods if symbol is not None and symbol.file.path in file.project.files else ()


def _heirs_with_method(types: Inference) -> dict[str, tuple[str, ...]]:
    """Class -> the classes below it that have the method or its new name."""
    found: dict[str, tuple[str, ...]] = {}
    for symbol in types.project.classes():
        if {AFTER, INIT} & set(symbol.facts.methods):
            for name in types.mro(symbol.qualname).names:
                found[name] = (*found.get(name, ()), symbol.qualname)
    return found
