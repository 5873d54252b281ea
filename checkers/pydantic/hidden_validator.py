"""A method has the name of an inherited validator, and takes its place in Pydantic 2.

## Why
Pydantic 1 kept validators by field: one of a base ran for the models below, whatever they did with its name. In
Pydantic 2 a validator is an attribute of its class like any other. A method of the same name in a subclass is **called
as the validator** there: it gets the value as its `self`, and what it returns becomes the value of the field. A
validator of that name for other fields removes the inherited one. Nothing warns.

## Example
```python
class Item(BaseModel):
    sku: str

    @validator("sku")
    def check(cls, v): ...

class Bundle(Item):
    def check(self): ...  # in Pydantic 2 the `sku` of a `Bundle` is what this returns
```

## What to do
Give one of the two another name. To switch the validator off on purpose, say so in a comment, and ignore this finding.

## Limits
Only validators that are still declared as in Pydantic 1 count: in code for Pydantic 2 a name that hides a validator is
the way to switch it off. A validator of the same name for the same fields replaced the inherited one in both versions.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.config import Config
from trueup.file import File
from trueup.index.facts import FileFacts
from trueup.index.project import ClassSymbol
from trueup.infer import Inference
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES, is_model
from trueup.libraries.pydantic.validators import Declared, declared
from trueup.model import Hit, Place, Safety, Severity
from trueup.registry import rule


def _may_hide(facts: FileFacts, types: Inference, config: Config) -> bool:
    return any(
        klass.bases and klass.methods and is_model(types, f"{facts.module}.{klass.qualname}", config.base_models)
        for klass in facts.classes
    )


@rule(
    "TUP503",
    "hidden-validator",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    libraries=LIBRARIES,
    where=_may_hide,
    url=GUIDE + "#validator-and-root_validator-are-deprecated",
    effort=5,
    step="validators",
)
def hiding(node: ast.FunctionDef, file: File) -> Iterable[Hit]:
    """Methods of models."""
    owner = file.parent(node)
    facts = file.class_at(owner) if isinstance(owner, ast.ClassDef) else None
    if facts is None or not facts.bases or not is_model(file.types, file.qualified(facts), file.config.base_models):
        return
    symbol = ClassSymbol(file.qualified(facts), file.facts, facts)
    mine = [one for one in declared(file.types, symbol) if one.name == node.name]
    hidden = _hidden(symbol, node.name, mine, file)
    if hidden is None:
        return
    what = "the model" if hidden.whole else ", ".join(f"`{name}`" for name in hidden.fields) or "its fields"
    instead = f"no longer checks {what} here" if mine else f"calls it to check {what}, and keeps what it returns"
    text = (
        f"`{node.name}` has the name of the validator `{node.name}` of `{hidden.owner.facts.name}`: "
        f"Pydantic 2 {instead}; version 1 ran the inherited one: give one of them another name"
    )
    there = Place(hidden.owner.file.path, hidden.line, 1, "the validator")
    yield Hit(node, text, why="which of them is meant to go on is not known", related=(there,), span=file.header(node))


def _hidden(symbol: ClassSymbol, name: str, mine: list[Declared], file: File) -> Declared | None:
    """The inherited validator, declared as in version 1, whose place a name takes."""
    for ancestor in file.types.mro(symbol.qualname).names[1:]:
        owner = file.project.klass(ancestor)
        if owner is None or owner.file.path not in file.project.files:
            continue
        for one in declared(file.types, owner):
            if one.name == name and one.old and is_model(file.types, ancestor, file.config.base_models):
                replaced = any(o.whole == one.whole and set(one.fields) <= set(o.fields) for o in mine)
                return None if replaced else one
    return None
