"""Code reads a setting from `Model.Config` or `Model.__config__`, which Pydantic 2 does not have.

## Why
In version 1 every model had a `Config` class with all settings, their defaults too. Version 2 keeps what was set in
the dict `model_config`, under its new name, and nothing else: `Model.Config.orm_mode` raises `AttributeError`.

## Example
```python
if User.__config__.orm_mode:          # if User.model_config.get("from_attributes", False):
if self.Config.extra == "forbid":     # if self.model_config.get("extra", "ignore") == "forbid":
if hasattr(self.Config, "table"):     # if "table" in self.model_config:
    name = self.Config.table          #     name = self.model_config["table"]
```

## Fix safety
Unsafe: `.get` brings the default of version 1, but a setting that is read through a class of which a base is set up
elsewhere, or by a metaclass, may differ. Keys that are not Pydantic's are found in `model_config` too, whether they
stand in a `ConfigDict` or still in a `class Config`; those of the bases are found with them, and a missing one raises
`KeyError` instead of `AttributeError`. Left to a person are assignments to a setting, keys of yours that no `Config` in
sight has, and the `Config` that is passed on as a whole.

## Limits
The type of what `.Config` is read from has to be known, or it is the model that a function `schema_extra` of a `Config`
is given; `__config__` is Pydantic's alone. A project that uses names of
Pydantic 2 and none of version 1 is left alone: a `Config` it reads is one of its own. `class Config(Base.Config)` is
the business of `v1-config-class`, which waits until nothing reads the `Config` any more.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.infer import Inference
from trueup.libraries.pydantic.config import KNOWN_KEYS, RENAMED_KEYS, config_of, usual_quote
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
    given = not pairs and _is_given(node.value, file)
    if not ((pairs and all(known)) or told or given) or is_guarded(node, file.parent, "model_config"):
        return
    written = file.segment(node)
    asked = _asked(node, parent)
    key = asked or (parent.attr if isinstance(parent, ast.Attribute) and isinstance(parent.ctx, ast.Load) else "")
    own = given or (pairs and all(config_of(file.types, cls, key) is not None for cls, _ in pairs))
    if own and key and key not in KNOWN_KEYS and key not in DEFAULTS and not _is_caught(node, file):
        yield _of_own(node, key, file)
        return
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


def _of_own(node: ast.Attribute, key: str, file: File) -> Hit:
    """A key that is not Pydantic's: read, or asked for with `hasattr` or `getattr`."""
    parent, config, quoted = file.parent(node), f"{file.segment(node.value)}.model_config", _quoted(key, file)
    assert isinstance(parent, ast.Attribute | ast.Call)
    code = f"{config}[{quoted}]"
    if isinstance(parent, ast.Call):
        code = (
            f"{quoted} in {config}"
            if len(parent.args) == 2
            else f"{config}.get({quoted}, {file.segment(parent.args[2])})"
        )
    text = f"`{file.segment(parent)}`: Pydantic 2 has no `{node.attr}`: read `{code}`"
    if " in " in code and not isinstance(file.parent(parent), ast.stmt):
        code = f"({code})"
    why = "the keys of bases are found too, and a missing one raises `KeyError`; type checkers do not know the key"
    return Hit(parent, text, clue=code, safety=Safety.UNSAFE, why=why)


def _asked(node: ast.Attribute, parent: ast.AST | None) -> str:
    """The key in `hasattr(model.Config, "key")` and `getattr(model.Config, "key", None)`; empty elsewhere."""
    match parent:
        case (
            ast.Call(func=ast.Name(id="hasattr"), args=[held, ast.Constant(value=str(key))], keywords=[])
            | ast.Call(func=ast.Name(id="getattr"), args=[held, ast.Constant(value=str(key)), _], keywords=[])
        ):
            return key if held is node else ""
    return ""


def _is_caught(node: ast.AST, file: File) -> bool:
    """Whether what a missing key raises is caught around."""
    inner, outer = node, file.parent(node)
    while outer is not None and not isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef):
        if isinstance(outer, ast.Try) and inner in outer.body:
            return True
        inner, outer = outer, file.parent(outer)
    return False


def _is_given(value: ast.expr, file: File) -> bool:
    """Whether something is the model that `schema_extra` of a `Config`, or of what one inherits from, is given."""
    function: ast.AST | None = value
    while function is not None and not isinstance(function, ast.FunctionDef):
        function = file.parent(function)
    owner = file.parent(function) if function is not None else None
    if not isinstance(function, ast.FunctionDef) or function.name != "schema_extra" or not isinstance(value, ast.Name):
        return False
    parameters = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
    bound = any(ast.unparse(one) == "classmethod" for one in function.decorator_list)
    if parameters[1 + bound :] != [value.id] or not isinstance(owner, ast.ClassDef):
        return False
    klass = file.class_at(owner)
    if klass is None:
        return False
    if owner.name == "Config" and klass.owner and is_model(file.types, f"{file.module}.{klass.owner}"):
        return True
    return file.qualified(klass) in file.types.shared(_bases_of_configs)


def _bases_of_configs(types: Inference) -> frozenset[str]:
    """The classes that the `Config` of some model inherits from."""
    found: set[str] = set()
    for symbol in types.project.classes():
        facts = symbol.facts
        inner = facts.name == "Config" and facts.owner and facts.bases
        if inner and is_model(types, f"{symbol.file.module}.{facts.owner}"):
            found.update(types.mro(symbol.qualname).names[1:])
    return frozenset(found)


def _quoted(text: str, file: File) -> str:
    quote = usual_quote(file.text)
    return quote + text + quote
