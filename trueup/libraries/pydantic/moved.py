"""Names that Pydantic 2 has elsewhere, or that moved to packages of their own."""

from __future__ import annotations

import ast
import re

from msgspec import Struct

_SETTINGS_HOME, _EXTRA_HOME = "pydantic_settings", "pydantic_extra_types"
MOVED = {
    ("pydantic", "BaseSettings"): (_SETTINGS_HOME, "BaseSettings"),
    ("pydantic.env_settings", "BaseSettings"): (_SETTINGS_HOME, "BaseSettings"),
    ("pydantic.env_settings", "SettingsSourceCallable"): (_SETTINGS_HOME, "PydanticBaseSettingsSource"),
    ("pydantic.env_settings", "InitSettingsSource"): (_SETTINGS_HOME, "InitSettingsSource"),
    ("pydantic.env_settings", "EnvSettingsSource"): (_SETTINGS_HOME, "EnvSettingsSource"),
    ("pydantic.env_settings", "SecretsSettingsSource"): (_SETTINGS_HOME, "SecretsSettingsSource"),
    ("pydantic.env_settings", "SettingsError"): (_SETTINGS_HOME, "SettingsError"),
    ("pydantic.color", "Color"): (f"{_EXTRA_HOME}.color", "Color"),
    ("pydantic", "PaymentCardNumber"): (f"{_EXTRA_HOME}.payment", "PaymentCardNumber"),
    ("pydantic.types", "PaymentCardNumber"): (f"{_EXTRA_HOME}.payment", "PaymentCardNumber"),
    ("pydantic.types", "PaymentCardBrand"): (f"{_EXTRA_HOME}.payment", "PaymentCardBrand"),
    ("pydantic.error_wrappers", "ValidationError"): ("pydantic", "ValidationError"),
    ("pydantic", "ConfigError"): ("pydantic", "PydanticUserError"),
    ("pydantic.errors", "ConfigError"): ("pydantic", "PydanticUserError"),
    ("pydantic.class_validators", "validator"): ("pydantic", "validator"),
    ("pydantic.class_validators", "root_validator"): ("pydantic", "root_validator"),
    ("pydantic.decorator", "validate_arguments"): ("pydantic", "validate_arguments"),
    ("pydantic.tools", "parse_obj_as"): ("pydantic", "parse_obj_as"),
    ("pydantic.tools", "schema_of"): ("pydantic", "schema_of"),
    ("pydantic.tools", "schema_json_of"): ("pydantic", "schema_json_of"),
    ("pydantic.fields", "Undefined"): ("pydantic_core", "PydanticUndefined"),
    ("pydantic.fields", "UndefinedType"): ("pydantic_core", "PydanticUndefinedType"),
    ("pydantic.utils", "to_camel"): ("pydantic.alias_generators", "to_pascal"),
    ("pydantic.utils", "to_lower_camel"): ("pydantic.alias_generators", "to_camel"),
}
"""(module, name) of version 1 -> where version 2 has it."""

_TYPING = frozenset(
    {"AbstractSet", "Annotated", "Any", "AnyStr", "Callable", "ClassVar", "Collection", "Deque", "Dict", "Final",
     "ForwardRef", "FrozenSet", "Generator", "Generic", "Hashable", "Iterable", "Iterator", "List", "Literal",
     "Mapping", "NamedTuple", "NewType", "Optional", "Pattern", "Sequence", "Set", "Tuple", "Type", "TypedDict",
     "TypeVar", "Union", "cast", "get_args", "get_origin", "get_type_hints", "overload", "no_type_check",
     "TYPE_CHECKING"}
)  # fmt: skip
_BORROWERS = ("annotated_types", "class_validators", "datetime_parse", "decorator", "env_settings", "error_wrappers",
              "errors", "generics", "json", "parse", "schema", "tools", "typing", "utils", "validators")  # fmt: skip
"""Modules of version 1 that let names of `typing` through, and are empty in version 2."""
BORROWED = {(f"pydantic.{module}", name): ("typing", name) for module in _BORROWERS for name in sorted(_TYPING)}
"""(module, name) of what was never Pydantic's own -> where it is from."""

MODEL_FIELD = ("pydantic.fields", "ModelField")
"""What only annotates parameters in a file can be called `FieldInfo` there; all other uses are left to a person."""
_HELPERS = (
    "GetterDict",
    "Representation",
    "ROOT_KEY",
    "deep_update",
    "import_string",
    "is_valid_field",
    "lenient_isinstance",
    "lenient_issubclass",
    "sequence_like",
    "smart_deepcopy",
    "update_not_none",
    "ValueItems",
    "almost_equal_floats",
    "path_type",
    "truncate",
    "unique_list",
)
_INSPECTORS = (
    "all_literal_values",
    "display_as_type",
    "get_all_type_hints",
    "get_sub_types",
    "is_callable_type",
    "is_classvar",
    "is_finalvar",
    "is_literal_type",
    "is_namedtuple",
    "is_new_type",
    "is_none_type",
    "is_typeddict",
    "is_union",
    "new_type_supertype",
    "resolve_annotations",
)
_PARSERS = {"parse_date": "date", "parse_datetime": "datetime", "parse_time": "time", "parse_duration": "timedelta"}
LEGACY = {
    ("pydantic.main", "ModelMetaclass"): (
        "pydantic._internal._model_construction",
        "ModelMetaclass",
        "the module is private and may change; `type(BaseModel)` is the same class",
    ),
    ("pydantic.decorator", "ValidatedFunction"): (
        "pydantic.deprecated.decorator",
        "ValidatedFunction",
        "the module goes with Pydantic 3: `validate_call`, or a model of `create_model`, is what stays",
    ),
    **{
        (home, "SecretField"): (
            "pydantic.types",
            "_SecretBase",
            "the name is private, and a class below it needs a `_display` to be shown: go over to `pydantic.Secret`",
        )
        for home in ("pydantic", "pydantic.types")
    },
    MODEL_FIELD: (
        "pydantic.fields",
        "FieldInfo",
        "what it is asked for has other names",
    ),
    ("pydantic", "PyObject"): (
        "pydantic",
        "ImportString",
        "a default that is a string is not imported any more, unless the field has `validate_default=True`",
    ),
    ("pydantic.types", "PyObject"): (
        "pydantic",
        "ImportString",
        "a default that is a string is not imported any more, unless the field has `validate_default=True`",
    ),
    **{
        ("pydantic.utils", name): (
            "pydantic.v1.utils",
            name,
            "`pydantic.v1` goes with Python 3.14: copy what you need of it into the project some day",
        )
        for name in _HELPERS
    },
    **{
        ("pydantic.typing", name): (
            "pydantic.v1.typing",
            name,
            "`pydantic.v1` goes with Python 3.14: ask `typing.get_origin` and `typing.get_args` some day",
        )
        for name in _INSPECTORS
    },
    **{
        ("pydantic.datetime_parse", name): (
            "pydantic.v1.datetime_parse",
            name,
            f"`pydantic.v1` goes with Python 3.14: go over to `TypeAdapter({kind}).validate_python` some day",
        )
        for name, kind in _PARSERS.items()
    },
}
"""(module, name) of version 1 -> what comes closest in version 2, and what is less good about it."""

_VALIDATE = "use `TypeAdapter(<type>).validate_python`, or a validator of your own"
_SCHEMA = "use `model_json_schema`, or a `GenerateJsonSchema` of your own"
_TYPES = "look at the type with `typing.get_origin` and `typing.get_args`"
_ALIASES = {
    "AnyCallable": "{Callable}[..., {Any}]",
    "NoArgAnyCallable": "{Callable}[[], {Any}]",
    "DictAny": "{Dict}[{Any}, {Any}]",
    "DictStrAny": "{Dict}[str, {Any}]",
    "SetStr": "{Set}[str]",
    "ListStr": "{List}[str]",
    "IntStr": "{Union}[int, str]",
    "AbstractSetIntStr": "{AbstractSet}[{Union}[int, str]]",
    "MappingIntStrAny": "{Mapping}[{Union}[int, str], {Any}]",
    "TupleGenerator": "{Generator}[{Tuple}[str, {Any}], None, None]",
    "CallableGenerator": "{Generator}[{Callable}[..., {Any}], None, None]",
    "ReprArgs": "{Sequence}[{Tuple}[{Optional}[str], {Any}]]",
    "AnyClassMethod": "classmethod",
}
_FILTERS = {"SetIntStr": "{Set}[{Union}[int, str]]", "DictIntStrAny": "{Dict}[{Union}[int, str], {Any}]"}
GONE = {
    ("pydantic.typing", "StrPath"): "write `Union[str, os.PathLike]`",
    ("pydantic.schema", "default_ref_template"): "use `pydantic.json_schema.DEFAULT_REF_TEMPLATE`",
    ("pydantic", "validate_model"): "call `Model.model_validate` in a `try`: it returned (values, fields_set, error)",
    ("pydantic.main", "validate_model"): "call `Model.model_validate` in a `try`: it returned (values, fields_set, "
    "error)",
    ("pydantic", "Protocol"): "parse the text first: version 2 reads JSON alone",
    ("pydantic", "create_model_from_typeddict"): "use `TypeAdapter(<the TypedDict>)`",
    ("pydantic", "create_model_from_namedtuple"): "use `TypeAdapter(<the NamedTuple>)`",
    ("pydantic", "compiled"): "remove it: version 2 is always compiled",
    ("pydantic.version", "compiled"): "remove it: version 2 is always compiled",
    MODEL_FIELD: "use `FieldInfo`, of which `annotation` is the whole type",
    ("pydantic.fields", "DeferredType"): "there is nothing like it",
    ("pydantic.json", "ENCODERS_BY_TYPE"): "write a `PlainSerializer` for models; `fastapi.encoders.ENCODERS_BY_TYPE` "
    "is for `jsonable_encoder` alone",
    ("pydantic.config", "get_config"): "write the `ConfigDict` out",
    ("pydantic.config", "inherit_config"): "write `ConfigDict(**base, ...)`",
    ("pydantic.config", "prepare_config"): "write the `ConfigDict` out",
}
"""(module, name) of version 1 that version 2 has nothing for -> what to do."""
GONE_MODULES = {
    "pydantic.validators": _VALIDATE,
    "pydantic.schema": _SCHEMA,
    "pydantic.typing": _TYPES,
    "pydantic.utils": "copy it into the project",
    "pydantic.datetime_parse": "use `TypeAdapter(datetime).validate_python`",
    "pydantic.parse": "parse the text first: version 2 reads JSON alone",
    "pydantic.class_validators": "the validators of a model are in `__pydantic_decorators__`",
    "pydantic.annotated_types": "use `TypeAdapter`",
    "pydantic.decorator": "use `validate_call`, whose function is `raw_function`",
}
"""Modules of version 1 of which next to nothing is left -> what to do without them."""
VALIDATORS = {
    f"pydantic.validators.{kind}_validator": kind
    for kind in ("str", "int", "float", "bool", "bytes", "dict", "list", "tuple", "set", "frozenset")
}
"""Function of version 1 that checks a value -> the type it checks for."""
PACKAGES = {_SETTINGS_HOME: "pydantic-settings", _EXTRA_HOME: "pydantic-extra-types"}
"""Top-level package -> the distribution a project has to depend on for it."""
_PLAIN = {
    "NoneStr": "{Optional}[str]",
    "NoneBytes": "{Optional}[bytes]",
    "StrBytes": "{Union}[str, bytes]",
    "NoneStrBytes": "{Union}[None, str, bytes]",
    "Required": "...",
}
SPELLED = {
    **{
        (home, name): text
        for home in ("pydantic", "pydantic.fields", "pydantic.types")
        for name, text in _PLAIN.items()
    },
    **{("pydantic.typing", name): text for name, text in _ALIASES.items()},
    **{
        (f"fastapi.{module}", name): text
        for module in ("encoders", "applications", "routing")
        for name, text in _FILTERS.items()
    },
}
"""(module, name) of what went -> what is written instead, with names of `typing` in braces."""


class MovedName(Struct, frozen=True):
    """One name of an import: the clue of its repair is a tuple of them."""

    name: str
    module: str
    new: str


def only_annotates(tree: ast.Module, name: str) -> bool:
    """Whether a name of a file only says what functions take that no decorator has, and that ask for the same as ever.

    `default` and `alias` of a field mean something else in version 2; a decorator may be that of a validator.
    """
    told: set[int] = set()
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        args = function.args
        for one in (*args.posonlyargs, *args.args, *args.kwonlyargs):
            match one.annotation:
                case ast.Name(id=text) | ast.Constant(value=text) if text == name:
                    if function.decorator_list or _asks(function, one.arg):
                        return False
                    told.add(id(one.annotation))
    uses = [one for one in ast.walk(tree) if getattr(one, "id", None) == name or _quotes(one, name)]
    return bool(told) and all(id(one) in told for one in uses)


def _asks(function: ast.AST, held: str) -> bool:
    """Whether a function asks a name for what means something else, or hands it on."""
    asked = 0
    for one in ast.walk(function):
        if isinstance(one, ast.Attribute) and getattr(one.value, "id", "") == held:
            asked += 1
            if one.attr in ("alias", "default", "annotation", "default_factory"):
                return True
    return asked != sum(isinstance(one, ast.Name) and one.id == held for one in ast.walk(function))


def _quotes(node: ast.AST, name: str) -> bool:
    """Whether a text may be an annotation that names it: nothing but names and brackets, or bars between them."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or name not in node.value:
        return False
    return re.fullmatch(r"[\w.]+([\[\],|]\s?[\w.]*|\s\|\s[\w.]+)*", node.value) is not None
