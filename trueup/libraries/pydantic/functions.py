"""The functions of version 1 that parse and describe types without a model, and what a call of one becomes."""

from __future__ import annotations

import ast

from msgspec import Struct

FUNCTIONS = {
    "parse_obj_as": "validate_python",
    "parse_raw_as": "validate_json",
    "parse_file_as": "validate_json",
    "schema_of": "json_schema",
    "schema_json_of": "json_schema",
}
"""Function of version 1 -> the method of a `TypeAdapter` that does its work."""
HOMES = ("pydantic", "pydantic.tools", "pydantic.deprecated.tools")
"""Where the functions are imported from."""
IMPORTABLE = frozenset({"parse_obj_as", "schema_of", "schema_json_of"})
"""Those that version 2 still has, with a warning."""
PARAMETERS = {
    "parse_obj_as": ("type_", "obj", "type_name"),
    "parse_raw_as": ("type_", "b"),
    "parse_file_as": ("type_", "path"),
    "schema_of": ("type_",),
    "schema_json_of": ("type_",),
}
"""Function -> the names of what it takes by place."""
_SCHEMA = ("by_alias", "ref_template")
_JSON_TYPES = ("application/json", "text/json", "application/javascript", "json")
_PICKLES = (".pkl", ".pickle")


class AdapterCall(Struct, frozen=True):
    """What the repair of a call does: the clue of such a call.

    `shape`: plain (`TypeAdapter(T).validate_python(x)`); file (`...(Path(p).read_bytes())`); loads
    (`...(json_loads(b))`); schema (`TypeAdapter(T).json_schema(...)`); dumps (`json.dumps` around that); bound
    (`partial(parse_obj_as, T)` -> `TypeAdapter(T).validate_python`).
    """

    function: str
    method: str
    shape: str = "plain"
    title: bool = False
    """The call names the schema."""


class AdapterPlan(Struct, frozen=True):
    """The clue, what makes it less than safe, or (`clue` is None) what a person should do."""

    clue: AdapterCall | None
    why: str = ""


def plan_adapter(name: str, call: ast.Call) -> AdapterPlan:
    """What becomes of a call of one of the functions."""
    if any(isinstance(one, ast.Starred) for one in call.args) or any(k.arg is None for k in call.keywords):
        return AdapterPlan(None, "what `*` and `**` hold is not known")
    given = {**dict(zip(PARAMETERS[name], call.args, strict=False)), **{k.arg: k.value for k in call.keywords if k.arg}}
    missing = [one for one in PARAMETERS[name][:2] if one not in given]
    if missing or len(call.args) > len(PARAMETERS[name]):
        return AdapterPlan(None, f"`{name}` does not take these arguments")
    method = FUNCTIONS[name]
    match name:
        case "parse_obj_as":
            return AdapterPlan(AdapterCall(name, method))
        case "parse_raw_as" | "parse_file_as":
            return _parse(name, method, given)
        case "schema_of":
            why = "the schema is laid out as Pydantic 2 does it"
            return AdapterPlan(AdapterCall(name, method, "schema", "title" in given), why)
        case _:
            why = "the schema is laid out as Pydantic 2 does it"
            return AdapterPlan(AdapterCall(name, method, "dumps", "title" in given), why)


def _parse(name: str, method: str, given: dict[str, ast.expr]) -> AdapterPlan:
    unknown = [key for key in given if key not in (*PARAMETERS[name], "type_name") and not _says_json(key, given[key])]
    if unknown == ["json_loads"]:
        return AdapterPlan(AdapterCall(name, "validate_python", "loads"))
    if unknown:
        return AdapterPlan(None, f"`TypeAdapter` knows no `{unknown[0]}=`: decode the data, then `validate_python` it")
    if name == "parse_raw_as":
        return AdapterPlan(AdapterCall(name, method))
    path = given["path"]
    if isinstance(path, ast.Constant) and isinstance(path.value, str) and path.value.endswith(_PICKLES):
        return AdapterPlan(None, "a pickle is no JSON: load it yourself, then `validate_python` it")
    return AdapterPlan(AdapterCall(name, method, "file"))


def _says_json(key: str, value: ast.expr) -> bool:
    """Whether an argument asks for what happens anyway: JSON in UTF-8, or the default."""
    if not isinstance(value, ast.Constant):
        return False
    match key:
        case "encoding":
            return str(value.value).lower().replace("-", "") == "utf8"
        case "content_type":
            return value.value is None or value.value in _JSON_TYPES
        case "proto":
            return value.value is None
        case "allow_pickle":
            return value.value is False
    return False


def schema_keywords(keywords: list[str]) -> tuple[list[str], list[str]]:
    """Keywords of `schema_json_of`: those of the schema, and those of `json.dumps`."""
    return [k for k in keywords if k in _SCHEMA], [k for k in keywords if k not in (*_SCHEMA, "title", "type_")]


class ValidatedCall(Struct, frozen=True):
    """`validate_arguments` is `validate_call`: the clue.

    `parameters`: those that are to let None in; `bare`: those that lose their annotation.
    """

    parameters: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()


class CreatedModel(Struct, frozen=True):
    """What the repair of a `create_model` does: the clue of such a call.

    `defaults`: fields and the types of their defaults; `root`: `__root__=(T, d)` becomes `__base__=RootModel[T]`;
    `config`: the source of the config, empty where it stays; `unused`: the class of the function around that held it.
    """

    defaults: tuple[tuple[str, str], ...] = ()
    root: bool = False
    config: str = ""
    unused: str = ""
