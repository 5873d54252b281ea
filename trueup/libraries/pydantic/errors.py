"""Errors of validation: the codes of version 1, what wraps an exception, and which classes are Pydantic's errors."""

from __future__ import annotations

import ast
import re

from msgspec import Struct

from ...index.facts import Const
from ...infer import Inference
from ...types import Instance, Type, Union, without_none

VALIDATION_ERROR = "pydantic.ValidationError"
REQUEST_ERROR = "fastapi.exceptions.RequestValidationError"
ERROR_WRAPPER = "pydantic.error_wrappers.ErrorWrapper"
ERROR_BASES = {"pydantic.errors.PydanticValueError": "value_error", "pydantic.errors.PydanticTypeError": "type_error"}
"""What errors of a project's own inherit from in version 1 -> how their codes begin."""
BUILT_IN = {
    "builtins.ValueError": "value_error",
    "builtins.TypeError": "type_error",
    "builtins.AssertionError": "assertion_error",
}
"""Exception -> the code that version 1 gave it."""
ERROR_TYPES: dict[str, tuple[str, ...]] = {
    "value_error.missing": ("missing",),
    "value_error.extra": ("extra_forbidden",),
    "value_error.const": ("literal_error",),
    "value_error.email": ("value_error",),
    "value_error.jsondecode": ("json_invalid",),
    "value_error.number.not_gt": ("greater_than",),
    "value_error.number.not_ge": ("greater_than_equal",),
    "value_error.number.not_lt": ("less_than",),
    "value_error.number.not_le": ("less_than_equal",),
    "value_error.number.not_multiple": ("multiple_of",),
    "value_error.any_str.min_length": ("string_too_short",),
    "value_error.any_str.max_length": ("string_too_long",),
    "value_error.str.regex": ("string_pattern_mismatch",),
    "value_error.list.min_items": ("too_short",),
    "value_error.list.max_items": ("too_long",),
    "value_error.set.min_items": ("too_short",),
    "value_error.set.max_items": ("too_long",),
    "value_error.date": ("date_from_datetime_parsing", "date_parsing", "date_type"),
    "value_error.datetime": ("datetime_from_date_parsing", "datetime_parsing", "datetime_type"),
    "value_error.time": ("time_parsing", "time_type"),
    "value_error.duration": ("time_delta_parsing", "time_delta_type"),
    "value_error.url": ("url_parsing", "url_type"),
    "value_error.url.scheme": ("url_parsing", "url_scheme"),
    "value_error.url.host": ("url_parsing",),
    "value_error.decimal.not_finite": ("finite_number",),
    "value_error.decimal.max_digits": ("decimal_max_digits",),
    "value_error.decimal.max_places": ("decimal_max_places",),
    "type_error.integer": ("int_from_float", "int_parsing", "int_type"),
    "type_error.float": ("float_parsing", "float_type"),
    "type_error.decimal": ("decimal_parsing", "decimal_type"),
    "type_error.bool": ("bool_parsing", "bool_type"),
    "type_error.str": ("string_type",),
    "type_error.bytes": ("bytes_type",),
    "type_error.dict": ("dict_type",),
    "type_error.list": ("list_type",),
    "type_error.set": ("set_type",),
    "type_error.tuple": ("tuple_type",),
    "type_error.enum": ("enum",),
    "type_error.uuid": ("uuid_parsing", "uuid_type"),
    "type_error.callable": ("callable_type",),
}
"""`type` of an error in version 1 -> what it can be in version 2."""
ELSEWHERE = {
    "type_error.none.not_allowed": "the `..._type` of the field, `string_type` say",
    "value_error.any_str": "`string_type`",
    "value_error.url.extra": "`url_parsing`",
}
"""Codes whose successor depends on the field."""
_PLAIN_FIELD = re.compile(r"\{[A-Za-z_]\w*\}")


class Wrapped(Struct, frozen=True):
    """One error of a list: sources of where it is, what it says and its code; `error`: it is an error object itself.

    `nested`: the source of an error of validation whose errors take its place, each further in.
    """

    loc: str
    message: str
    code: str
    error: str = ""
    nested: str = ""


class ErrorsChange(Struct, frozen=True):
    """What the call that makes an error becomes: its errors, the source of the model (none: a request), the rest."""

    errors: tuple[Wrapped, ...]
    model: str
    rest: tuple[str, ...] = ()


def is_instance(types: Inference, one: Type, classes: tuple[str, ...]) -> bool:
    """Whether something is certainly an object of one of some classes, or of one below them."""
    one = without_none(one)
    items = one.items if isinstance(one, Union) else (one,)
    return all(
        isinstance(item, Instance) and any(name in classes for name in types.mro(item.cls).names) for item in items
    )


def own_error(types: Inference, cls: str) -> str | None:
    """How the codes of a project's own class of errors begin; None if it is none."""
    return next((ERROR_BASES[name] for name in types.mro(cls).names if name in ERROR_BASES), None)


def error_code(types: Inference, cls: str) -> str:
    """The code that version 1 gave an error of a class: its `code`, or its name without `Error`."""
    for owner in types.mro(cls).names:
        symbol = types.project.klass(owner)
        for field in symbol.facts.fields if symbol is not None and symbol.file.path in types.project.files else ():
            if field.name == "code" and isinstance(field.value, Const) and field.value.kind == "str":
                return field.value.text
    return cls.rpartition(".")[2].replace("Error", "").lower()


def is_plain_template(text: str) -> bool:
    """Whether a template has no placeholders but names: version 2 knows no formats and no attributes."""
    return "{" not in _PLAIN_FIELD.sub("", text) and "}" not in _PLAIN_FIELD.sub("", text)


def why_not_custom(node: ast.ClassDef) -> str:
    """Why a class of errors cannot be made one of version 2; empty if it can."""
    if len(node.bases) != 1 or node.keywords:
        return "it has other bases"
    for statement in node.body:
        match statement:
            case ast.FunctionDef(name="__init__" | "__new__" | "__str__" as name):
                return f"it has a `{name}`"
            case ast.Assign(targets=[ast.Name(id="msg_template")], value=ast.Constant(value=str(text))):
                if not is_plain_template(text):
                    return "its template has more than names between braces"
            case ast.Assign(targets=[ast.Name(id="msg_template")]):
                return "its template is no literal"
    return ""
