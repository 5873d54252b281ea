"""A field of settings names its environment variable with `env`, which Pydantic 2 does not read.

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
seen to call the class with the field's own name, where the variable is called like the field, and where the class is
a model whose fields settings inherit, the field's own name is made one of the choices; a variable of that name in the
environment counts then too. Of several names the first that is set counts, in version 2 for each source by itself:
one in the environment wins over another in a dotenv file. Names that stand in the `fields` of a `Config` move to
their fields; what they are put together of in the `Config` (`f"{env_prefix}URL"`) is written out.

Safe is only this: a name that version 2 looks for by itself is taken away, as in
`database_url: str = Field("", env="DATABASE_URL")` where there is no `env_prefix`.

## Limits
A field with an `alias` as well, one that a validator asks for before the values are validated (version 1 had it under
its own name there, version 2 has it under the alias), several names in a set or in something that is no string for
sure, and `fields` that say more than names are left to a person. Calls like `Settings(**values)` are not looked into.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from trueup.file import File
from trueup.libraries.pydantic.annotations import FIELD
from trueup.libraries.pydantic.models import GUIDE, is_settings
from trueup.libraries.pydantic.settings import (
    EnvMove,
    by_name,
    feeds_settings,
    field_calls,
    holds_fields_of_settings,
    is_own_name,
    sees_all,
)
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Instance

_WHY = "the alias is also what the class itself takes the value by, and what errors and the schema call it"


@rule(
    "TUP701",
    "settings-env-name",
    on=ast.ClassDef,
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=("pydantic", "pydantic_settings"),
    triggers=("env",),
    where=holds_fields_of_settings,
    url=GUIDE + "#basesettings-has-moved-to-pydantic-settings",
    effort=3,
    step="settings",
)
def named(node: ast.ClassDef, file: File) -> Iterable[Hit]:
    """Each `Field(env=...)` of a class of settings, and the `fields` of its `Config`."""
    facts = file.class_at(node)
    if facts is None or not feeds_settings(file.types, cls := file.qualified(facts)):
        return
    yield from _in_config(node, cls, file)
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
        if is_own_name(file.types, cls, field, names):
            text = f"Pydantic 2 ignores `env=` of `{field}`, which names the variable that is read anyway: remove it"
            yield Hit(call, text, clue="", span=span)
            continue
        if seen := _seen(node, cls, field, file):
            text = (
                f"Pydantic 2 ignores `env=` of `{field}`; with a `validation_alias`, `{seen}` finds the value under "
                "that name, and may not set another: change the two together"
            )
            yield Hit(call, text, safety=Safety.MANUAL, why=f"`{seen}` asks for `{field}`", span=span)
            continue
        # A model that is no settings itself is made by the names of its fields.
        own = not is_settings(file.types, cls) or by_name(file.types, cls, field, names)
        if own and repr(field) not in names:
            names = [*names, repr(field)]
        single = len(names) == 1 and not isinstance(keyword.value, ast.List | ast.Tuple)
        shown = names[0] if single else f"AliasChoices({', '.join(names)})"
        text = f"Pydantic 2 ignores `env=` of `{field}`, the variable is never read: use `validation_alias={shown}`"
        yield Hit(call, text, clue=() if single else tuple(names), safety=Safety.UNSAFE, why=_WHY, span=span)


def _seen(node: ast.ClassDef, cls: str, field: str, file: File) -> str:
    """The validator that asks for a field among all values that came in; empty where none can."""
    own = {one.name: one for one in node.body if isinstance(one, ast.FunctionDef)}
    for met in sees_all(file.types, cls):
        function = own.get(met.name) if met.owner.qualname == cls else None
        if function is None or any(_text(one) == field for one in ast.walk(function) if isinstance(one, ast.Constant)):
            return met.name
    return ""


def _in_config(node: ast.ClassDef, cls: str, file: File) -> Iterator[Hit]:
    """`fields = {"url": {"env": "DATABASE_URL"}}` in the `Config` of a class."""
    config = next((one for one in node.body if isinstance(one, ast.ClassDef) and one.name == "Config"), None)
    for statement in config.body if config is not None else ():
        match statement:
            case ast.Assign(targets=[ast.Name(id="fields")], value=ast.Dict() as value) if _says_env(value):
                assert config is not None
                moves = _moves(value, _bound(config), node, cls, file)
                text = "Pydantic 2 ignores `fields` of a `Config`, the variables are never read: "
                if isinstance(moves, str):
                    text += f"name each in the `validation_alias` of its field; {moves}"
                    yield Hit(statement, text, safety=Safety.MANUAL, why=moves)
                else:
                    clue = tuple(moves)
                    yield Hit(statement, text + "name each in its field", clue=clue, safety=Safety.UNSAFE, why=_WHY)


def _says_env(value: ast.Dict) -> bool:
    return any(isinstance(one, ast.Dict) and "env" in map(_text, one.keys) for one in value.values)


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _bound(config: ast.ClassDef) -> dict[str, str | None]:
    """What the names in the body of a `Config` stand for; None where that is no plain string."""
    stored = [one.id for one in ast.walk(config) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)]
    found: dict[str, str | None] = dict.fromkeys(stored)
    for statement in config.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(text))) if (
                stored.count(name) == 1
            ):
                found[name] = text
    return found


def _moves(
    value: ast.Dict, bound: dict[str, str | None], node: ast.ClassDef, cls: str, file: File
) -> list[EnvMove] | str:
    """What each field gets, or why a person must do it."""
    fields = {
        statement.target.id: statement
        for statement in node.body
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    }
    moves = []
    for key, said in zip(value.keys, value.values, strict=True):
        name = _text(key)
        if not isinstance(said, ast.Dict) or [*map(_text, said.keys)] != ["env"]:
            return "it says more than names"
        names = _names(said.values[0], file, bound)
        if name not in fields or names is None:
            return f"`{name}` is no field of this class" if names is not None else "its names are no literals"
        default = fields[name].value
        is_field = isinstance(default, ast.Call) and file.qualname(default.func) in FIELD
        if isinstance(default, ast.Call) and is_field and {k.arg for k in default.keywords} & {"alias", "env", None}:
            return f"`{name}` has an `alias` or `env` too"
        single = not isinstance(said.values[0], ast.List | ast.Tuple)
        if is_own_name(file.types, cls, name, names):
            names = []
        elif seen := _seen(node, cls, name, file):
            return f"`{seen}` asks for `{name}`, and finds it under the alias then: change the two together"
        elif by_name(file.types, cls, name, names) and repr(name) not in names:
            names, single = [*names, repr(name)], False
        moves.append(EnvMove(name, tuple(names), single, is_field))
    return moves


def _names(value: ast.expr, file: File, bound: dict[str, str | None] | None = None) -> list[str] | None:
    """The sources of the names of the variables; None where they cannot be told one by one.

    `bound` are the names of a `Config`, which mean nothing where the names of the variables go.
    """
    elements = value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
    sources = [_source(one, file, bound or {}) for one in elements]
    found = [one for one in sources if one is not None]
    return found if found and len(found) == len(sources) else None


def _source(value: ast.expr, file: File, bound: dict[str, str | None]) -> str | None:
    if any(isinstance(one, ast.Name) and one.id in bound for one in ast.walk(value)):
        text = _folded(value, bound)
        return None if text is None else f'"{text}"' if text.isprintable() and not {*text} & {*'"\\'} else repr(text)
    if isinstance(value, ast.Constant):
        return file.segment(value) if isinstance(value.value, str) else None
    return file.segment(value) if file.type_of(value) == Instance("builtins.str") else None


def _folded(value: ast.expr, bound: dict[str, str | None]) -> str | None:
    """The text that is put together of strings and names of a `Config`."""
    match value:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=name):
            return bound.get(name)
        case ast.FormattedValue(value=inner, conversion=-1, format_spec=None):
            return _folded(inner, bound)
        case ast.JoinedStr(values=values):
            parts = [_folded(one, bound) for one in values]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            parts = [_folded(left, bound), _folded(right, bound)]
        case _:
            return None
    texts = [one for one in parts if one is not None]
    return "".join(texts) if len(texts) == len(parts) else None
