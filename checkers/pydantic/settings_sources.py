"""The sources of settings are chosen in `Config.customise_sources`, which Pydantic 2 never calls.

## Why
Version 2 asks the settings class itself, through `settings_customise_sources`. A `customise_sources` inside `Config` is
**ignored, and nothing warns**: the order of the sources is the usual one again, so that the value of another source
wins, and sources of your own are never read.

## Example
```python
class Settings(BaseSettings):
    class Config:
        @classmethod
        def customise_sources(cls, init_settings, env_settings, file_secret_settings):
            return env_settings, init_settings

# the method of the class itself:
    @classmethod
    def settings_customise_sources(cls, settings_cls, init_settings, env_settings, dotenv_settings, *more):
        return env_settings, dotenv_settings, init_settings
```

## Fix safety
The method moves out of `Config`. What version 1 called `env_settings` read the dotenv file too, with less weight than
the variables: `dotenv_settings` is put right behind it. Unsafe, because a source that is called inside the method, or
asked for its attributes, is another object now.

## Limits
Left to a person: a method that returns sources of its own (in version 2 they are subclasses of
`PydanticBaseSettingsSource`, not functions), that uses `cls`, or that returns anything but a tuple or a list
written out. A `customise_sources` in a `Config` shared by several classes is not looked into.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.models import GUIDE, is_settings
from trueup.libraries.pydantic.settings import SOURCES, holds_settings
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_WHAT = "Pydantic 2 never calls `customise_sources` of a `Config`"


@rule(
    "TUP703",
    "settings-sources",
    on=ast.ClassDef,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=("pydantic", "pydantic_settings"),
    triggers=("customise_sources",),
    where=holds_settings,
    url=GUIDE + "#basesettings-has-moved-to-pydantic-settings",
    effort=15,
    step="settings",
)
def chosen(node: ast.ClassDef, file: File) -> Iterable[Hit]:
    """A `customise_sources` in the `Config` of a class of settings."""
    facts = file.class_at(node)
    config = next((one for one in node.body if isinstance(one, ast.ClassDef) and one.name == "Config"), None)
    if config is None or facts is None or not is_settings(file.types, file.qualified(facts)):
        return
    for one in config.body:
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and one.name == "customise_sources":
            why = _obstacle(one, file)
            if "settings_customise_sources" in facts.methods:
                why = "the class has a `settings_customise_sources` already"
            span = file.header(one)
            if why:
                text = f"{_WHAT}, and no machine can move it: {why}"
                yield Hit(one, text, safety=Safety.MANUAL, why=why, span=span)
            else:
                text = f"{_WHAT}: make it `settings_customise_sources` of the class, with `dotenv_settings`"
                yield Hit(one, text, why="a source is another kind of object in Pydantic 2", span=span)


def _obstacle(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> str:
    """Why the method cannot be moved as it is; empty if it can."""
    arguments = node.args
    decorators = [file.qualname(one) for one in node.decorator_list]
    names = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
    plain = not (arguments.kwonlyargs or arguments.vararg or arguments.kwarg or arguments.defaults)
    if isinstance(node, ast.AsyncFunctionDef) or decorators != ["builtins.classmethod"]:
        return "write it as a classmethod of the class"
    if not plain or sorted(names[1:]) != sorted(SOURCES):
        return "its parameters are not the usual three"
    returns = [one for one in file.walk(node) if isinstance(one, ast.Return)]
    if not returns:
        return "it returns no sources"
    inside = [one for one in ast.walk(node) if isinstance(one, ast.Name)]
    if any(one.id == names[0] for one in inside):
        return f"it uses `{names[0]}`, which was the config and would be the class"
    if any(one.id in SOURCES and not isinstance(one.ctx, ast.Load) for one in inside):
        return "it gives a source another value"
    for one in returns:
        if not isinstance(one.value, ast.Tuple | ast.List):
            return "return the sources as a tuple, with `dotenv_settings` behind `env_settings`"
        for item in one.value.elts:
            if not isinstance(item, ast.Name) or item.id not in SOURCES:
                return f"make `{file.segment(item)}` a subclass of `PydanticBaseSettingsSource`"
    listed = sum(len(one.value.elts) for one in returns if isinstance(one.value, ast.Tuple | ast.List))
    if sum(one.id in SOURCES for one in inside) > listed:
        return "it looks into a source: that is an object of another kind, called without arguments"
    return ""
