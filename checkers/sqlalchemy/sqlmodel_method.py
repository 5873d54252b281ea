"""A method of a SQLModel by its name of version 1: `Hero.from_orm(data)`, `Hero.parse_obj(data)`, `hero.dict()`.

## Why
SQLModel has deprecated them since 0.0.14, and calls the new ones: `model_validate()` and `model_dump()`.

## Example
```python
hero = Hero.from_orm(data, update={"team_id": 1})
hero.dict(exclude_unset=True)
```
Use instead:
```python
hero = Hero.model_validate(data, update={"team_id": 1})
hero.model_dump(exclude_unset=True)
```

## Fix safety
Safe from SQLModel 0.0.14 on: the old methods do nothing but call the new ones. There is no fix where `update` is given
by its place, which `model_validate()` takes by name only.

## Limits
Other methods of Pydantic 1, and models that are no SQLModel, are the business of `v1-model-method`. Methods that the
project overrides are left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

from .core_calls import called

_NEW = {"from_orm": "model_validate", "parse_obj": "model_validate", "dict": "model_dump"}
_OWNERS = ("sqlmodel.SQLModel.", "sqlmodel.main.SQLModel.")


@rule(
    "TUS904",
    "sqlmodel-method",
    on=ast.Call,
    names=_NEW,
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=("sqlmodel",),
    triggers=tuple(_NEW),
    url="https://sqlmodel.tiangolo.com/release-notes/",
    effort=1,
    step="methods",
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    func = node.func
    if not isinstance(func, ast.Attribute):
        return
    if not called(node, file).startswith(_OWNERS):
        return
    new = _NEW[func.attr]
    message = f"`{func.attr}()` of a SQLModel is deprecated: say `{new}()`"
    if len(node.args) > 1 or (func.attr == "dict" and node.args):
        yield Hit(node, f"{message}, with `update=` by name", safety=Safety.MANUAL)
    else:
        yield Hit(node, message, clue=new)
