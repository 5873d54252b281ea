"""`create_model` is called in ways of Pydantic 1 that version 2 refuses.

## Why
`create_model("M", count=1)`, `create_model("M", __config__=Config)` with a class and `create_model("M", __root__=(T,
...))` all raise in version 2, when the model is made: a field is a type or a pair of type and default, a config is a
dict, a root model has `RootModel` as its base.

## Example
```python
create_model("M", count=1)                    # create_model("M", count=(int, 1))
create_model("M", __config__=Strict)          # create_model("M", __config__=ConfigDict(extra="forbid"))
create_model("M", __root__=(List[int], ...))  # create_model("M", __base__=RootModel[List[int]])
```

## Fix safety
Safe: a default that is a literal gets its type, and a class that says nothing but plain settings in its body is
written out as a `ConfigDict`. Unsafe for `__root__`: what uses the model has to say `.root`, and gives and takes the
value itself.

Left to a person: other defaults, other classes as `__config__`, `__root__` beside `__base__`, and `__slots__`.

## Limits
What is given as `**fields` is not looked at, nor is a name whose value is not known.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.index.facts import Attr, Const, Expr, Name
from trueup.libraries.pydantic.config import KEPT_KEYS, NEW_KEYS, RENAMED_KEYS
from trueup.libraries.pydantic.functions import CreatedModel
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES
from trueup.libraries.pydantic.versions import is_guarded
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import ClassObject

_OWN = ("__config__", "__base__", "__module__", "__validators__", "__cls_kwargs__", "__doc__", "__root__", "__slots__",
        "__model_name", "__qualname__")  # fmt: skip
_NEUTRAL = ("pydantic.BaseConfig", "builtins.object")


@rule(
    "TUP603",
    "v1-create-model",
    on=ast.Call,
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=("create_model",),
    url=GUIDE,
    effort=5,
    step="methods",
)
def made(node: ast.Call, file: File) -> Iterable[Hit]:
    """The calls, one by one."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    imports = file.project.names(file.facts.scope).imports.get(name, ())
    if name != "create_model" and not any(one.attr == "create_model" for one in imports):
        return
    if file.qualname(node.func) != "pydantic.create_model" or is_guarded(node, file.parent, "RootModel"):
        return
    given = {one.arg: one.value for one in node.keywords if one.arg is not None}
    words: list[str] = []
    stuck: list[str] = []
    unsafe = ""
    defaults: list[tuple[str, str]] = []
    for field, value in given.items():
        kind = _type_of_default(value) if field not in _OWN else ""
        if kind:
            defaults.append((field, kind))
            words.append(f"`{field}=({kind}, ...)`")
        elif field not in _OWN and _is_value(value, file):
            stuck.append(f"`{field}` is a default without a type: write `(type, default)`")
    root = given.get("__root__")
    if root is not None:
        if "__base__" in given or not isinstance(root, ast.Tuple) or len(root.elts) != 2:
            stuck.append("`__root__` is gone: give it `__base__=RootModel[...]`")
        else:
            words.append("`__base__=RootModel[...]`")
            unsafe = "what uses the model has to say `.root`, and gives and takes the value itself"
    config, found = given.get("__config__"), ""
    if config is not None:
        shape = file.type_of(config)
        if isinstance(shape, ClassObject):
            found = _settings(shape.cls, file)
            if found:
                words.append(f"`__config__={found}`")
            else:
                stuck.append("`__config__` is a class: give it a `ConfigDict`")
    if "__slots__" in given:
        stuck.append("`__slots__` is taken for a field: leave it out")
    if stuck:
        text = f"`create_model` of Pydantic 2 refuses this: {'; '.join(stuck)}"
        yield Hit(node, text, safety=Safety.MANUAL, why=stuck[0], span=file.span(node.func))
    elif words:
        text = f"`create_model` of Pydantic 2 refuses this: write {', '.join(words)}"
        unused = _unused(config, node, file) if config is not None and found else ""
        clue = CreatedModel(tuple(defaults), root is not None, found, unused)
        safety = Safety.UNSAFE if unsafe else None
        yield Hit(node, text, clue, safety=safety, why=unsafe, span=file.span(node.func))


def _unused(config: ast.expr, node: ast.AST, file: File) -> str:
    """The class of settings that the function around makes for this call alone; empty where there is none."""
    around = file.parent(node)
    while around is not None and not isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef):
        around = file.parent(around)
    if around is None or not isinstance(config, ast.Name):
        return ""
    uses = [one for one in ast.walk(around) if isinstance(one, ast.Name) and one.id in (config.id, "locals")]
    made = [one for one in around.body if isinstance(one, ast.ClassDef) and one.name == config.id]
    return config.id if len(uses) == len(made) == 1 and not made[0].decorator_list else ""


def _type_of_default(value: ast.expr) -> str:
    """The type of a literal that version 1 took for a default; empty for anything else."""
    match value:
        case ast.Constant(value=bool() | int() | float() | str() | bytes() as held):
            return type(held).__name__
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as held)):
            return type(held).__name__
        case ast.List() | ast.Dict() | ast.Set():
            return type(value).__name__.lower()
    return ""


def _is_value(value: ast.expr, file: File) -> bool:
    """Whether something is certainly a value, no type and no pair."""
    if isinstance(value, ast.Call):
        return file.qualname(value.func) not in (None, "builtins.tuple", "typing.cast", "builtins.type") and not (
            isinstance(file.type_of(value), ClassObject)
        )
    return isinstance(value, ast.Lambda | ast.JoinedStr)


def _settings(cls: str, file: File) -> str:
    """`ConfigDict(...)` with what a class says; empty where that is more than plain settings."""
    symbol = file.project.klass(cls)
    if symbol is None or symbol.file.path not in file.project.files or symbol.facts.methods or symbol.facts.classes:
        return ""
    site = file.types.class_site(symbol)
    if any(file.types.qualname(base, site) not in _NEUTRAL for base in symbol.facts.bases):
        return ""
    found: list[str] = []
    for field in symbol.facts.fields:
        new = RENAMED_KEYS.get(field.name, field.name)
        value = _written(field.value, field.name) if field.value is not None else ""
        if not value or new not in (*KEPT_KEYS, *NEW_KEYS) or new == "json_encoders":
            return ""
        found.append(f"{new}={value}")
    return f"ConfigDict({', '.join(found)})" if found else ""


def _written(value: Expr, key: str) -> str:
    """The source of a plain value."""
    match value:
        case Const(kind="str", text=text) if "\\" not in text and '"' not in text and "\n" not in text:
            return f'"{text}"'
        case Const(kind="bool" | "int" | "float", text=text):
            return text
        case Attr(value=Name(id="Extra") | Attr(attr="Extra"), attr=member) if key == "extra":
            return f'"{member}"'
    return ""
