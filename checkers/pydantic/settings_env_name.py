"""A field of settings names its environment variable with `env=`, which Pydantic 2 does not read.

## Why
`Field(..., env="DATABASE_URL")` is no option of version 2. The variable is **ignored, and nothing says so** but a
deprecation warning about extra arguments: the field keeps its default, or is looked for under its own name. What says
where a value comes from is `validation_alias`.

## Example
```python
class Settings(BaseSettings):
    url: str = Field("sqlite://", env="DATABASE_URL")   # validation_alias="DATABASE_URL"
    token: str = Field(..., env=["TOKEN", "API_TOKEN"])  # validation_alias=AliasChoices("TOKEN", "API_TOKEN")
```

## Fix safety
Unsafe: the variable is read as before, and `env_prefix` is not put in front of it in either version. But the alias is
also the name under which the class itself takes the value, the name in errors and in the schema. Where the project is
seen to call the class with the field's own name, that name is made one of the choices; a variable of that name in the
environment counts then too.

## Limits
A field with an `alias` as well, several names in a set or in something that is no literal, and an entry in
`Config.fields` are left to a person. Calls like `Settings(**values)` are not looked into.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.models import GUIDE, is_settings
from trueup.libraries.pydantic.settings import field_calls, given_by_name, holds_settings
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Instance

_WHY = "the alias is also what the class itself takes the value by, and what errors and the schema call it"


@rule(
    "TUP701",
    "settings-env-name",
    on=ast.ClassDef,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=("pydantic", "pydantic_settings"),
    triggers=("env",),
    where=holds_settings,
    url=GUIDE + "#basesettings-has-moved-to-pydantic-settings",
    effort=3,
    step="settings",
)
def named(node: ast.ClassDef, file: File) -> Iterable[Hit]:
    """Each `Field(env=...)` of a class of settings."""
    facts = file.class_at(node)
    if facts is None or not is_settings(file.types, cls := file.qualified(facts)):
        return
    for field, call in field_calls(node, file.qualname):
        given = {k.arg: k for k in call.keywords if k.arg is not None}
        if "env" not in given:
            continue
        keyword = given["env"]
        span = file.span(keyword)
        names = _names(keyword.value, file)
        taken = next((one for one in ("alias", "validation_alias") if one in given), None)
        if taken is not None or names is None:
            what = f"it has `{taken}` too" if taken is not None else "its names are no literals"
            text = (
                f"Pydantic 2 ignores `env=` of `{field}`, and no machine can move it because {what}: "
                "name the variables in `validation_alias=AliasChoices(...)`"
            )
            yield Hit(call, text, safety=Safety.MANUAL, why=what, span=span)
            continue
        if given_by_name(file.types, cls, field) and repr(field) not in names:
            names = [*names, repr(field)]
        single = len(names) == 1 and not isinstance(keyword.value, ast.List | ast.Tuple)
        shown = names[0] if single else f"AliasChoices({', '.join(names)})"
        text = f"Pydantic 2 ignores `env=` of `{field}`, the variable is never read: use `validation_alias={shown}`"
        yield Hit(call, text, clue=() if single else tuple(names), why=_WHY, span=span)


def _names(value: ast.expr, file: File) -> list[str] | None:
    """The sources of the names of the variables; None where they cannot be told one by one."""
    if isinstance(value, ast.List | ast.Tuple):
        strings = all(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in value.elts)
        return [file.segment(one) for one in value.elts] if strings and value.elts else None
    if isinstance(value, ast.Constant):
        return [file.segment(value)] if isinstance(value.value, str) else None
    return [file.segment(value)] if file.type_of(value) == Instance("builtins.str") else None
