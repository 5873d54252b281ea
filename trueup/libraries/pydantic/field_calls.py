"""Calls of `Field`, of the constrained types and of FastAPI's parameters: their arguments in version 1 and in 2."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from msgspec import Struct

from ...index.facts import FileFacts
from ...infer import Inference
from ...types import Callee, ClassObject, Type

FIELD = "pydantic.Field"
CONSTRAINED = frozenset(
    f"pydantic.{name}"
    for name in ("constr", "conbytes", "conint", "confloat", "condecimal", "condate", "conlist", "conset",
                 "confrozenset")
)  # fmt: skip
PARAMETERS = frozenset(
    f"{home}.{name}"
    for home in ("fastapi", "fastapi.params")
    for name in ("Query", "Path", "Header", "Cookie", "Body", "Form", "File")
)
"""What describes a parameter of a route."""

RENAMED = {"min_items": "min_length", "max_items": "max_length"}
NEW_ARGUMENTS = frozenset(
    {"alias", "alias_priority", "allow_inf_nan", "coerce_numbers_to_str", "decimal_places", "default",
     "default_factory", "deprecated", "description", "discriminator", "examples", "exclude", "exclude_if",
     "fail_fast", "field_title_generator", "frozen", "ge", "gt", "init", "init_var", "json_schema_extra", "kw_only",
     "le", "lt", "max_digits", "max_length", "min_length", "multiple_of", "pattern", "repr", "serialization_alias",
     "strict", "title", "union_mode", "validate_default", "validation_alias"}
)  # fmt: skip
"""What `Field` of version 2 has an argument for."""
PARAMETER_ARGUMENTS = NEW_ARGUMENTS | {"convert_underscores", "embed", "media_type", "include_in_schema", "example",
                                       "openapi_examples", "annotation"}  # fmt: skip
"""What FastAPI's parameters have an argument for."""
OLD_ARGUMENTS = frozenset({"regex", "min_items", "max_items", "unique_items", "const", "allow_mutation", "include"})
"""What `Field` of version 1 had an argument for, and 2 has not. All other names went into the schema as they were."""

NUMERIC = ("gt", "ge", "lt", "le", "multiple_of", "allow_inf_nan", "max_digits", "decimal_places")
LENGTHS = ("min_length", "max_length")
PATTERNS = ("regex", "pattern")


class ArgumentChange(Struct, frozen=True):
    """What becomes of one argument: its new name (empty: it goes) and the source of its value, if that changes."""

    old: str
    new: str
    value: str = ""


class CurtailedText(Struct, frozen=True):
    """A `constr` that cuts its text off: the clue. `length`: the source of where."""

    length: str


class SchemaPuts(Struct, frozen=True):
    """Items that a function puts into what it unpacks: `held[key] = value` becomes part of `json_schema_extra`.

    `keys`: their sources.
    """

    held: str
    keys: tuple[str, ...]
    quote: str


class SchemaExtra(Struct, frozen=True):
    """Arguments that become `json_schema_extra={...}`: (name, source of the value), and the quotes of the names."""

    names: tuple[str, ...]
    quote: str


UNIQUE = """\
def {name}(values: list) -> list:
    for index, value in enumerate(values):
        if value in values[:index]:
            raise ValueError("the list has duplicated items")
    return values
"""
"""What `unique_items=True` did in version 1."""


class UniqueItems(Struct, frozen=True):
    """How a list is told to refuse duplicates: the function that looks, and whether the file is still to get it."""

    function: str
    defines: bool


class ParameterChange(Struct, frozen=True):
    """What becomes of the arguments of a parameter: new names, those for `json_schema_extra`, the quotes of these."""

    renamed: tuple[ArgumentChange, ...]
    extra: tuple[str, ...]
    quote: str


SQLMODEL_ARGUMENTS = frozenset(
    {"primary_key", "foreign_key", "ondelete", "unique", "nullable", "index", "sa_type", "sa_column", "sa_column_args",
     "sa_column_kwargs"}
)  # fmt: skip
"""What fields of SQLModel know besides what those of Pydantic know."""


class ForgottenArguments(Struct, frozen=True):
    """What becomes of arguments that `sqlmodel.Field` and `FieldInfo` take, and nothing reads.

    `inside`: those that go into `schema_extra={...}`; `wrapped`: all that is in there goes one dict deeper; `named`:
    the default, which is the first argument, gets its name.
    """

    changes: tuple[ArgumentChange, ...]
    inside: tuple[ArgumentChange, ...]
    wrapped: bool
    named: bool
    imports_re: bool
    quote: str


def given(call: ast.Call) -> dict[str, ast.expr]:
    """The keyword arguments of a call by name, `**` left out."""
    return {one.arg: one.value for one in call.keywords if one.arg is not None}


def has_argument(*names: str) -> tuple[str, ...]:
    """Words of which a file has one if it may pass one of these arguments."""
    return tuple(f"{name}{blank}=" for name in names for blank in ("", " "))


_NO_FIELDS = frozenset(
    {"builtins.property", "builtins.classmethod", "builtins.staticmethod", "functools.cached_property"}
    | {f"pydantic.{name}" for name in
       ("validator", "root_validator", "PrivateAttr", "field_validator", "model_validator", "computed_field",
        "field_serializer", "model_serializer")}
)  # fmt: skip
"""What makes a thing in the body of a class that is neither a field nor a private attribute."""


def is_no_field(
    value: ast.expr, qualname: Callable[[ast.expr], str | None], type_of: Callable[[ast.expr], Type]
) -> bool:
    """Whether a value in the body of a model is a function, a property, a validator: no field in either version."""
    if isinstance(value, ast.Lambda):
        return True
    if isinstance(value, ast.Call):
        made = value.func.func if isinstance(value.func, ast.Call) else value.func
        return qualname(value.func) in _NO_FIELDS or qualname(made) in _NO_FIELDS
    return isinstance(value, ast.Name | ast.Attribute) and isinstance(type_of(value), Callee)


_FIRST_VERSION = frozenset(
    {("pydantic", name) for name in
     ("validator", "root_validator", "BaseSettings", "parse_obj_as", "parse_raw_as", "parse_file_as", "schema_of",
      "validate_arguments", "Extra", "BaseConfig", "NoneStr", "PyObject", "Required", "stricturl", "ConstrainedStr",
      "ConstrainedInt", "ConstrainedFloat", "ConstrainedList")}
    | {("pydantic.generics", "GenericModel"), ("pydantic.fields", "ModelField"), ("pydantic.class_validators", ""),
       ("pydantic.class_validators", "validator"), ("pydantic.error_wrappers", "ErrorWrapper"),
       ("pydantic.error_wrappers", "ValidationError")}
)  # fmt: skip


def shows_v1(types: Inference) -> bool:
    """Whether something in the project says that it was written for version 1: an import, a `Config`, an argument."""
    return types.shared(_project_shows_v1)


def _project_shows_v1(types: Inference) -> bool:
    return any(_shows_v1(file) for file in types.project.files.values())


def _shows_v1(file: FileFacts) -> bool:
    if "pydantic" not in file.imported:
        return False
    if any((one.module, one.attr) in _FIRST_VERSION for scope in file.scopes for one in scope.imports):
        return True
    if any(klass.name == "Config" and klass.owner and klass.fields for klass in file.classes):
        return True
    old = OLD_ARGUMENTS - {"include"}
    return any(
        name in old and getattr(call.call.func, "id", getattr(call.call.func, "attr", "")) == "Field"
        for scope in file.scopes
        for call in scope.calls
        for name, _ in call.call.keywords
    )


def read_in_class(
    name: str, cls: str, types: Inference, nodes: Iterable[ast.Attribute], type_of: Callable[[ast.expr], Type]
) -> int:
    """The line of the first of some nodes that reads an attribute from a class, or from one below it; 0: none does."""
    for node in nodes:
        if node.attr == name:
            held = type_of(node.value)
            if isinstance(held, ClassObject) and cls in types.mro(held.cls).names:
                return node.lineno
    return 0
