"""A field of settings has an `alias`, which Pydantic 2 takes for the name of its environment variable.

## Why
Version 1 warned that aliases name no variables, and went on reading the variable called like the field, with
`env_prefix` in front. In version 2 the alias **is** the name of the variable, without the prefix: a deployment that
sets `SHOP_URL` for `url: str = Field("sqlite://", alias="database_url")` gets the default, and nothing warns.

## What to do
Name all variables that should count: `validation_alias=AliasChoices("database_url", "shop_url")`, or drop the alias if
the class is never called with it. What is set in your environments decides which.

## Limits
Found only in code written for version 1: in version 2 an alias is how a variable is named. Aliases made by an
`alias_generator` are not seen.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.index.facts import Const
from trueup.libraries.pydantic.config import config_of
from trueup.libraries.pydantic.models import GUIDE, is_settings
from trueup.libraries.pydantic.settings import field_calls, holds_settings
from trueup.libraries.pydantic.versions import dialect
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUP702",
    "settings-alias",
    on=ast.ClassDef,
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    libraries=("pydantic", "pydantic_settings"),
    triggers=("alias",),
    where=holds_settings,
    url=GUIDE + "#basesettings-has-moved-to-pydantic-settings",
    effort=5,
    step="settings",
    at_first=True,
)
def aliased(node: ast.ClassDef, file: File) -> Iterable[Hit]:
    """Each `Field(alias=...)` without `env=` in a class of settings."""
    facts = file.class_at(node)
    if facts is None or not is_settings(file.types, cls := file.qualified(facts)) or dialect(file.types) == "2":
        return
    for field, call in field_calls(node, file.qualname):
        given = {k.arg: k for k in call.keywords if k.arg is not None}
        if "alias" not in given or "env" in given or "validation_alias" in given:
            continue
        prefix = config_of(file.types, cls, "env_prefix")
        old = prefix.text + field if isinstance(prefix, Const) else field
        alias = file.segment(given["alias"].value)
        if alias[1:-1].lower() == old.lower():
            continue
        text = (
            f"Pydantic 1 read `{old}` from the environment for `{field}`, Pydantic 2 reads its alias {alias} and "
            f'nothing else: name the variables in `validation_alias=AliasChoices({alias}, "{old}")`'
        )
        yield Hit(call, text, why="the variables that are set decide what to do", span=file.span(given["alias"]))
