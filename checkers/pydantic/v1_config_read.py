"""Code reads a setting from `Model.Config` or `Model.__config__`, which Pydantic 2 does not have.

## Why
In version 1 every model had a `Config` class with all settings, their defaults too. Version 2 keeps what was set in
the dict `model_config`, under its new name, and nothing else: `Model.Config.orm_mode` raises `AttributeError`.

## Example
```python
if User.__config__.orm_mode:          # if User.model_config.get("from_attributes", False):
if self.Config.extra == "forbid":     # if self.model_config.get("extra", "ignore") == "forbid":
```

## Fix safety
Unsafe: `.get` brings the default of version 1, but a setting that is read through a class of which a base is set up
elsewhere, or by a metaclass, may differ. Left to a person are assignments to a setting, keys that are not Pydantic's
(keep these in a `ClassVar` of the model), and the `Config` that is passed on as a whole.

## Limits
The type of what `.Config` is read from has to be known; `__config__` is Pydantic's alone. A project that uses names of
Pydantic 2 and none of version 1 is left alone: a `Config` it reads is one of its own. `class Config(Base.Config)` is
the business of `v1-config-class`, which waits until nothing reads the `Config` any more.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.config import RENAMED_KEYS, usual_quote
from trueup.libraries.pydantic.merged_config import DEFAULTS
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES, classes_of, is_model
from trueup.libraries.pydantic.versions import dialect, is_guarded, keeps_v1
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Unknown

_HOLDERS = ("Config", "__config__")


@rule(
    "TUP206",
    "v1-config-read",
    on=ast.Attribute,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    where=lambda facts, types, config: not set(_HOLDERS).isdisjoint(facts.attributes),
    triggers=tuple(f".{name}" for name in _HOLDERS),
    url=GUIDE + "#changes-to-config",
    effort=5,
    step="config",
)
def read(node: ast.Attribute, file: File) -> Iterable[Hit]:
    """`.Config` and `.__config__` of models."""
    if node.attr not in _HOLDERS:
        return
    parent = file.parent(node)
    if isinstance(parent, ast.ClassDef) or dialect(file.types) == "2":
        return
    receiver = file.type_of(node.value)
    pairs = classes_of(receiver) or []
    known = [is_model(file.types, cls, file.config.base_models) for cls, _ in pairs]
    # Nothing but models of Pydantic 1 has a `__config__`, whatever the type
    told = isinstance(receiver, Unknown) and node.attr == "__config__" and not keeps_v1(file.types)
    if not ((pairs and all(known)) or told) or is_guarded(node, file.parent, "model_config"):
        return
    written = file.segment(node)
    if not isinstance(parent, ast.Attribute):
        text = f"`{written}` does not exist in Pydantic 2: use the dict `{file.segment(node.value)}.model_config`"
        yield Hit(node, text, safety=Safety.MANUAL, why="what is done with the class is not seen")
        return
    key = parent.attr
    if key == "allow_mutation" and isinstance(parent.ctx, ast.Load):
        code, new = f"not {file.segment(node.value)}.model_config.get({_quoted('frozen', file)}, False)", "frozen"
        yield _hit(parent, new, f"({code})", file)
        return
    new = RENAMED_KEYS.get(key, key)
    if key not in DEFAULTS or not isinstance(parent.ctx, ast.Load):
        what = "set it in `model_config`" if not isinstance(parent.ctx, ast.Load) else "keep it in a `ClassVar`"
        text = f"`{written}.{key}` does not exist in Pydantic 2: {what}"
        yield Hit(parent, text, safety=Safety.MANUAL, why=f"`{key}` cannot be carried over")
        return
    default = DEFAULTS[key].replace('"', usual_quote(file.text))
    yield _hit(parent, new, f"{file.segment(node.value)}.model_config.get({_quoted(new, file)}, {default})", file)


def _hit(node: ast.Attribute, new: str, code: str, file: File) -> Hit:
    text = f'`{file.segment(node)}` does not exist in Pydantic 2: read `model_config.get("{new}", ...)`'
    why = "a setting that a base or a metaclass gives may differ"
    return Hit(node, text, clue=code, safety=Safety.UNSAFE, why=why)


def _quoted(text: str, file: File) -> str:
    quote = usual_quote(file.text)
    return quote + text + quote
