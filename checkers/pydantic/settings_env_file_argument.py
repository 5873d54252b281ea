"""Settings are called with `_env_file=`, and their class refuses what else stands in that file under Pydantic 2.

## Why
A dotenv file is usually shared: it holds variables for the database, for compose, for the front end. Version 1 picked
the ones it had fields for. Version 2 takes all of them, and a class of settings forbids extra values: the program
**does not start** (`extra_forbidden`) as soon as the file has a line that is no field.

## Example
```python
class Settings(BaseSettings):
    class Config:
        dotenv_filtering = "only_existing"   # put in by the repair

settings = Settings(_env_file=".env")
```

## Fix safety
Safe: with `dotenv_filtering="only_existing"` (pydantic-settings 2.14 and newer) version 2 reads a dotenv file as
version 1 did. The key goes into the `class Config` that is there, into `model_config`, or into a new one.

## Limits
Settings whose config names an `env_file` are the business of `v1-config-class`. Calls with `**` are not looked into.
Silent in a project that is written for version 2.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.index.facts import Attr, Const
from trueup.infer import Inference
from trueup.libraries.pydantic.config import config_of, usual_quote
from trueup.libraries.pydantic.models import GUIDE, is_settings
from trueup.libraries.pydantic.settings import holds_settings
from trueup.libraries.pydantic.versions import dialect
from trueup.model import Hit, Place, Safety, Severity
from trueup.registry import rule
from trueup.types import ClassObject


@rule(
    "TUP704",
    "settings-env-file-argument",
    on=ast.ClassDef,
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=("pydantic", "pydantic_settings"),
    where=holds_settings,
    url=GUIDE + "#basesettings-has-moved-to-pydantic-settings",
    effort=5,
    step="settings",
)
def called(node: ast.ClassDef, file: File) -> Iterable[Hit]:
    """A class of settings that is called with `_env_file=` anywhere, and whose config does not say what to ignore."""
    facts = file.class_at(node)
    if facts is None or not is_settings(file.types, cls := file.qualified(facts)) or dialect(file.types) == "2":
        return
    where = _calls(file.types).get(cls)
    if where is None or config_of(file.types, cls, "dotenv_filtering", "env_file") is not None:
        return
    extra = config_of(file.types, cls, "extra")
    if isinstance(extra, Const | Attr) and (extra.text if isinstance(extra, Const) else extra.attr) in _LENIENT:
        return
    if any(cls != other and other in _calls(file.types) for other in file.types.mro(cls).names):
        return  # what its base is given it inherits
    text = (
        f"`{node.name}` is called with `_env_file=`, and Pydantic 2 refuses every line of that file that is no field: "
        'set `dotenv_filtering="only_existing"` in its config'
    )
    quote = usual_quote(file.text)
    yield Hit(
        node,
        text,
        clue=f"{quote}only_existing{quote}",
        related=(where,),
        span=file.header(node),
        safety=Safety.MANUAL if _odd_config(node) else None,
        why="its config is not written out in the class" if _odd_config(node) else "",
    )


_LENIENT = ("ignore", "allow")


def _odd_config(node: ast.ClassDef) -> bool:
    """Whether a class has a config that a key cannot simply be put into."""
    for one in node.body:
        match one:
            case ast.Assign(targets=[ast.Name(id="Config")]):
                return True
            case (
                ast.Assign(targets=[ast.Name(id="model_config")], value=value)
                | ast.AnnAssign(target=ast.Name(id="model_config"), value=value)
            ):
                return not (isinstance(value, ast.Call) and not value.args)
    return bool(node.keywords)


def _calls(types: Inference) -> dict[str, Place]:
    """Class of settings -> the first place that calls it with an `_env_file` that is not None."""
    return types.shared(_find_calls)


def _find_calls(types: Inference) -> dict[str, Place]:
    found: dict[str, Place] = {}
    for symbol in types.project.classes():
        if not is_settings(types, symbol.qualname):
            continue
        for site, one in types.calls_named(symbol.facts.name):
            given = dict(one.call.keywords).get("_env_file")
            callee = types.type_of(one.call.func, site) if given is not None else None
            if given == Const("none") or not isinstance(callee, ClassObject) or callee.cls != symbol.qualname:
                continue
            place = Place(site.file.path, one.pos.line, one.pos.column + 1, "called here")
            found.setdefault(symbol.qualname, place)
    return found
