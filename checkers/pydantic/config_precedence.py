"""Two bases of a model disagree about a setting: Pydantic 1 listened to the left one, Pydantic 2 listens to the right.

## Why
With `class Both(Strict, Open)` the `extra`, `title` or `frozen` of `Strict` held in version 1. Version 2 merges the
config of the bases from left to right, so that `Open` has the last word: a model that refused unknown keys keeps them
now, and **nothing warns**.

## Example
```python
class Both(Strict, Open):                              # Strict: extra="forbid", Open: extra="allow"
    model_config = ConfigDict(extra="forbid")          # says again what version 1 took
```

## Fix safety
Safe: the class gets a `model_config` with the values that version 1 took. It has to be written by hand where the
class has a config of its own, or where a value is more than a name or a number.

## Limits
Only bases are looked at that are models of the project, through any number of files. A project that uses names of
Pydantic 2 and none of version 1 is left alone: there the right base is listened to on purpose.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.config import usual_quote
from trueup.libraries.pydantic.merged_config import conflicts, source
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES, holds_models
from trueup.libraries.pydantic.versions import dialect
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUP204",
    "config-precedence",
    on=ast.ClassDef,
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    where=holds_models,
    url=GUIDE + "#changes-to-config",
    effort=5,
    step="config",
)
def bases(node: ast.ClassDef, file: File) -> Iterable[Hit]:
    """Models with more than one base."""
    if len(node.bases) < 2 or dialect(file.types) == "2":
        return
    facts = file.class_at(node)
    found = conflicts(file.types, file.qualified(facts)) if facts is not None else []
    if not found or facts is None:
        return
    key, (_, first), (_, last) = found[0]
    quote = usual_quote(file.text)
    left, right = first.rpartition(".")[2], last.rpartition(".")[2]
    values = [(name, source(before[0], quote)) for name, before, _ in found]
    wanted = ", ".join(f"{name}={value}" for name, value in values)
    text = f"`{node.name}` took `{key}` from `{left}` in Pydantic 1 and takes it from `{right}` in 2"
    if not all(value for _, value in values):
        why = "the values are not simple"
        yield Hit(node, f"{text}: write it into its own config", safety=Safety.MANUAL, why=why, span=file.header(node))
        return
    text = f"{text}: write `model_config = ConfigDict({wanted})`"
    names = {binding.name for binding in facts.scope.bindings}
    if "Config" in facts.classes or names & {"Config", "model_config"} or facts.keywords:
        why = "the class has a config of its own: the key belongs in there"
        yield Hit(node, text, safety=Safety.MANUAL, why=why, span=file.header(node))
        return
    yield Hit(node, text, clue=tuple(values), span=file.header(node))
