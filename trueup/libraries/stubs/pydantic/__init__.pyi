"""Pydantic, both majors at once: what 1.10 and 2.x name, in the place where both name it."""

from collections.abc import Callable, Generator, Iterable
from datetime import date as _date
from datetime import datetime as _datetime
from decimal import Decimal as _Decimal
from pathlib import Path as _Path
from typing import Any, Dict, Generic, List, Self, Set, TypedDict, TypeVar, overload
from uuid import UUID as _UUID

from pydantic import dataclasses as dataclasses
from pydantic.errors import AnyStrMaxLengthError as AnyStrMaxLengthError
from pydantic.errors import AnyStrMinLengthError as AnyStrMinLengthError
from pydantic.errors import ArbitraryTypeError as ArbitraryTypeError
from pydantic.errors import BoolError as BoolError
from pydantic.errors import BytesError as BytesError
from pydantic.errors import CallableError as CallableError
from pydantic.errors import ClassError as ClassError
from pydantic.errors import ColorError as ColorError
from pydantic.errors import ConfigError as ConfigError
from pydantic.errors import DataclassTypeError as DataclassTypeError
from pydantic.errors import DateError as DateError
from pydantic.errors import DateNotInTheFutureError as DateNotInTheFutureError
from pydantic.errors import DateNotInThePastError as DateNotInThePastError
from pydantic.errors import DateTimeError as DateTimeError
from pydantic.errors import DecimalError as DecimalError
from pydantic.errors import DecimalIsNotFiniteError as DecimalIsNotFiniteError
from pydantic.errors import DecimalMaxDigitsError as DecimalMaxDigitsError
from pydantic.errors import DecimalMaxPlacesError as DecimalMaxPlacesError
from pydantic.errors import DecimalWholeDigitsError as DecimalWholeDigitsError
from pydantic.errors import DictError as DictError
from pydantic.errors import DurationError as DurationError
from pydantic.errors import EmailError as EmailError
from pydantic.errors import EnumError as EnumError
from pydantic.errors import EnumMemberError as EnumMemberError
from pydantic.errors import ExtraError as ExtraError
from pydantic.errors import FloatError as FloatError
from pydantic.errors import FrozenSetError as FrozenSetError
from pydantic.errors import FrozenSetMaxLengthError as FrozenSetMaxLengthError
from pydantic.errors import FrozenSetMinLengthError as FrozenSetMinLengthError
from pydantic.errors import HashableError as HashableError
from pydantic.errors import IPv4AddressError as IPv4AddressError
from pydantic.errors import IPv4InterfaceError as IPv4InterfaceError
from pydantic.errors import IPv4NetworkError as IPv4NetworkError
from pydantic.errors import IPv6AddressError as IPv6AddressError
from pydantic.errors import IPv6InterfaceError as IPv6InterfaceError
from pydantic.errors import IPv6NetworkError as IPv6NetworkError
from pydantic.errors import IPvAnyAddressError as IPvAnyAddressError
from pydantic.errors import IPvAnyInterfaceError as IPvAnyInterfaceError
from pydantic.errors import IPvAnyNetworkError as IPvAnyNetworkError
from pydantic.errors import IntEnumError as IntEnumError
from pydantic.errors import IntegerError as IntegerError
from pydantic.errors import InvalidByteSize as InvalidByteSize
from pydantic.errors import InvalidByteSizeUnit as InvalidByteSizeUnit
from pydantic.errors import InvalidDiscriminator as InvalidDiscriminator
from pydantic.errors import InvalidLengthForBrand as InvalidLengthForBrand
from pydantic.errors import JsonError as JsonError
from pydantic.errors import JsonTypeError as JsonTypeError
from pydantic.errors import ListError as ListError
from pydantic.errors import ListMaxLengthError as ListMaxLengthError
from pydantic.errors import ListMinLengthError as ListMinLengthError
from pydantic.errors import ListUniqueItemsError as ListUniqueItemsError
from pydantic.errors import LuhnValidationError as LuhnValidationError
from pydantic.errors import MissingDiscriminator as MissingDiscriminator
from pydantic.errors import MissingError as MissingError
from pydantic.errors import NoneIsAllowedError as NoneIsAllowedError
from pydantic.errors import NoneIsNotAllowedError as NoneIsNotAllowedError
from pydantic.errors import NotDigitError as NotDigitError
from pydantic.errors import NotNoneError as NotNoneError
from pydantic.errors import NumberNotGeError as NumberNotGeError
from pydantic.errors import NumberNotGtError as NumberNotGtError
from pydantic.errors import NumberNotLeError as NumberNotLeError
from pydantic.errors import NumberNotLtError as NumberNotLtError
from pydantic.errors import NumberNotMultipleError as NumberNotMultipleError
from pydantic.errors import PathError as PathError
from pydantic.errors import PathNotADirectoryError as PathNotADirectoryError
from pydantic.errors import PathNotAFileError as PathNotAFileError
from pydantic.errors import PathNotExistsError as PathNotExistsError
from pydantic.errors import PatternError as PatternError
from pydantic.errors import PyObjectError as PyObjectError
from pydantic.errors import PydanticTypeError as PydanticTypeError
from pydantic.errors import PydanticValueError as PydanticValueError
from pydantic.errors import SequenceError as SequenceError
from pydantic.errors import SetError as SetError
from pydantic.errors import SetMaxLengthError as SetMaxLengthError
from pydantic.errors import SetMinLengthError as SetMinLengthError
from pydantic.errors import StrError as StrError
from pydantic.errors import StrRegexError as StrRegexError
from pydantic.errors import StrictBoolError as StrictBoolError
from pydantic.errors import SubclassError as SubclassError
from pydantic.errors import TimeError as TimeError
from pydantic.errors import TupleError as TupleError
from pydantic.errors import TupleLengthError as TupleLengthError
from pydantic.errors import UUIDError as UUIDError
from pydantic.errors import UUIDVersionError as UUIDVersionError
from pydantic.errors import UrlError as UrlError
from pydantic.errors import UrlExtraError as UrlExtraError
from pydantic.errors import UrlHostError as UrlHostError
from pydantic.errors import UrlHostTldError as UrlHostTldError
from pydantic.errors import UrlPortError as UrlPortError
from pydantic.errors import UrlSchemeError as UrlSchemeError
from pydantic.errors import UrlSchemePermittedError as UrlSchemePermittedError
from pydantic.errors import UrlUserInfoError as UrlUserInfoError
from pydantic.errors import WrongConstantError as WrongConstantError
from pydantic.errors import PydanticErrorMixin as _PydanticErrorMixin
from pydantic.fields import FieldInfo as _FieldInfo
from pydantic.fields import ModelField as _ModelField
from pydantic.networks import MultiHostDsn as _MultiHostDsn

_T = TypeVar("_T")
_F = TypeVar("_F")
_RootT = TypeVar("_RootT")

VERSION: str

# Models

class BaseModel:
    Config: type[BaseConfig]
    model_config: ConfigDict
    model_fields: Dict[str, _FieldInfo]
    model_computed_fields: Dict[str, Any]
    __config__: type[BaseConfig]
    __fields__: Dict[str, _ModelField]
    __validators__: Dict[str, Any]
    __pre_root_validators__: List[Any]
    __post_root_validators__: List[Any]
    __private_attributes__: Dict[str, Any]
    __class_vars__: Set[str]
    __signature__: Any
    __custom_root_type__: bool
    __schema_cache__: Dict[Any, Any]
    __json_encoder__: Any
    __exclude_fields__: Any
    __include_fields__: Any
    __pydantic_complete__: bool
    __pydantic_core_schema__: Any
    __pydantic_custom_init__: bool
    __pydantic_decorators__: Any
    __pydantic_extra__: Dict[str, Any] | None
    __pydantic_fields__: Dict[str, _FieldInfo]
    __pydantic_computed_fields__: Dict[str, Any]
    __pydantic_fields_set__: Set[str]
    __pydantic_generic_metadata__: Any
    __pydantic_parent_namespace__: Dict[str, Any] | None
    __pydantic_post_init__: Any
    __pydantic_private__: Dict[str, Any] | None
    __pydantic_root_model__: bool
    __pydantic_serializer__: Any
    __pydantic_validator__: Any
    @property
    def __fields_set__(self) -> Set[str]: ...
    @property
    def model_extra(self) -> Dict[str, Any] | None: ...
    @property
    def model_fields_set(self) -> Set[str]: ...
    def __init__(self, /, **data: Any) -> None: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, memo: Any = ...) -> Self: ...
    def __iter__(self) -> Generator[tuple[str, Any], None, None]: ...
    def __eq__(self, other: Any) -> bool: ...
    def __replace__(self, **changes: Any) -> Self: ...
    def __repr_args__(self) -> Any: ...
    def __rich_repr__(self) -> Any: ...
    def __pretty__(self, fmt: Any, **kwargs: Any) -> Generator[Any, None, None]: ...
    def __setstate__(self, state: Any) -> None: ...
    @classmethod
    def __class_getitem__(cls, params: Any) -> type[Self]: ...
    @classmethod
    def __get_validators__(cls) -> Generator[Callable[..., Any], None, None]: ...
    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any, /) -> Any: ...
    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any, /) -> Dict[str, Any]: ...
    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None: ...
    @classmethod
    def __pydantic_on_complete__(cls) -> None: ...
    @classmethod
    def __try_update_forward_refs__(cls, **localns: Any) -> None: ...
    def _calculate_keys(self, *args: Any, **kwargs: Any) -> Any: ...
    def _copy_and_set_values(self, *args: Any, **kwargs: Any) -> Self: ...
    @classmethod
    def _decompose_class(cls, obj: Any) -> Any: ...
    @classmethod
    def _enforce_dict_if_root(cls, obj: Any) -> Any: ...
    @classmethod
    def _get_value(cls, *args: Any, **kwargs: Any) -> Any: ...
    def _init_private_attributes(self) -> None: ...
    def _iter(self, *args: Any, **kwargs: Any) -> Generator[tuple[str, Any], None, None]: ...
    # The names of 1.x, which 2.x keeps with a warning.
    @classmethod
    def construct(cls, _fields_set: Any = ..., **values: Any) -> Self: ...
    def copy(self, *, include: Any = ..., exclude: Any = ..., update: Any = ..., deep: bool = ...) -> Self: ...
    def dict(
        self,
        *,
        include: Any = ...,
        exclude: Any = ...,
        by_alias: bool = ...,
        skip_defaults: bool | None = ...,
        exclude_unset: bool = ...,
        exclude_defaults: bool = ...,
        exclude_none: bool = ...,
    ) -> Dict[str, Any]: ...
    @classmethod
    def from_orm(cls, obj: Any) -> Self: ...
    def json(
        self,
        *,
        include: Any = ...,
        exclude: Any = ...,
        by_alias: bool = ...,
        skip_defaults: bool | None = ...,
        exclude_unset: bool = ...,
        exclude_defaults: bool = ...,
        exclude_none: bool = ...,
        encoder: Any = ...,
        models_as_dict: bool = ...,
        **dumps_kwargs: Any,
    ) -> str: ...
    @classmethod
    def parse_file(
        cls, path: Any, *, content_type: Any = ..., encoding: str = ..., proto: Any = ..., allow_pickle: bool = ...
    ) -> Self: ...
    @classmethod
    def parse_obj(cls, obj: Any) -> Self: ...
    @classmethod
    def parse_raw(
        cls, b: Any, *, content_type: Any = ..., encoding: str = ..., proto: Any = ..., allow_pickle: bool = ...
    ) -> Self: ...
    @classmethod
    def schema(cls, by_alias: bool = ..., ref_template: str = ...) -> Dict[str, Any]: ...
    @classmethod
    def schema_json(cls, *, by_alias: bool = ..., ref_template: str = ..., **dumps_kwargs: Any) -> str: ...
    @classmethod
    def update_forward_refs(cls, **localns: Any) -> None: ...
    @classmethod
    def validate(cls, value: Any) -> Self: ...
    # The names of 2.x.
    @classmethod
    def model_construct(cls, _fields_set: Any = ..., **values: Any) -> Self: ...
    def model_copy(self, *, update: Any = ..., deep: bool = ...) -> Self: ...
    def model_dump(
        self,
        *,
        mode: str = ...,
        include: Any = ...,
        exclude: Any = ...,
        context: Any = ...,
        by_alias: bool | None = ...,
        exclude_unset: bool = ...,
        exclude_defaults: bool = ...,
        exclude_none: bool = ...,
        exclude_computed_fields: bool = ...,
        round_trip: bool = ...,
        warnings: Any = ...,
        fallback: Any = ...,
        serialize_as_any: bool = ...,
    ) -> Dict[str, Any]: ...
    def model_dump_json(
        self,
        *,
        indent: int | None = ...,
        ensure_ascii: bool = ...,
        include: Any = ...,
        exclude: Any = ...,
        context: Any = ...,
        by_alias: bool | None = ...,
        exclude_unset: bool = ...,
        exclude_defaults: bool = ...,
        exclude_none: bool = ...,
        exclude_computed_fields: bool = ...,
        round_trip: bool = ...,
        warnings: Any = ...,
        fallback: Any = ...,
        serialize_as_any: bool = ...,
    ) -> str: ...
    @classmethod
    def model_json_schema(
        cls, by_alias: bool = ..., ref_template: str = ..., schema_generator: Any = ..., mode: str = ..., **kwargs: Any
    ) -> Dict[str, Any]: ...
    @classmethod
    def model_parametrized_name(cls, params: tuple[type[Any], ...]) -> str: ...
    def model_post_init(self, context: Any, /) -> None: ...
    @classmethod
    def model_rebuild(
        cls,
        *,
        force: bool = ...,
        raise_errors: bool = ...,
        _parent_namespace_depth: int = ...,
        _types_namespace: Any = ...,
    ) -> bool | None: ...
    @classmethod
    def model_validate(
        cls,
        obj: Any,
        *,
        strict: bool | None = ...,
        extra: Any = ...,
        from_attributes: bool | None = ...,
        context: Any = ...,
        by_alias: bool | None = ...,
        by_name: bool | None = ...,
    ) -> Self: ...
    @classmethod
    def model_validate_json(cls, json_data: Any, **kwargs: Any) -> Self: ...
    @classmethod
    def model_validate_strings(cls, obj: Any, **kwargs: Any) -> Self: ...

class RootModel(BaseModel, Generic[_RootT]):
    root: _RootT
    def __init__(self, root: _RootT = ..., /, **data: Any) -> None: ...
    @classmethod
    def model_construct(cls, root: _RootT, _fields_set: Any = ...) -> Self: ...
    def model_dump(self, **kwargs: Any) -> Any: ...

class BaseSettings(BaseModel):
    def __init__(
        self,
        _env_file: Any = ...,
        _env_file_encoding: str | None = ...,
        _env_nested_delimiter: str | None = ...,
        _secrets_dir: Any = ...,
        **values: Any,
    ) -> None: ...
    def _build_values(self, init_kwargs: Any, *args: Any, **kwargs: Any) -> Dict[str, Any]: ...

class BaseConfig:
    title: str | None
    anystr_lower: bool
    anystr_upper: bool
    anystr_strip_whitespace: bool
    min_anystr_length: int
    max_anystr_length: int | None
    validate_all: bool
    extra: Any
    allow_mutation: bool
    frozen: bool
    allow_population_by_field_name: bool
    use_enum_values: bool
    fields: Dict[str, Any]
    validate_assignment: bool
    error_msg_templates: Dict[str, str]
    arbitrary_types_allowed: bool
    orm_mode: bool
    getter_dict: Any
    alias_generator: Any
    keep_untouched: tuple[type, ...]
    schema_extra: Any
    json_loads: Any
    json_dumps: Any
    json_encoders: Dict[Any, Any]
    underscore_attrs_are_private: bool
    allow_inf_nan: bool
    copy_on_model_validation: str
    smart_union: bool
    post_init_call: str
    @classmethod
    def get_field_info(cls, name: str) -> Dict[str, Any]: ...
    @classmethod
    def prepare_field(cls, field: _ModelField) -> None: ...

class ConfigDict(TypedDict):
    title: str | None
    model_title_generator: Any
    field_title_generator: Any
    str_to_lower: bool
    str_to_upper: bool
    str_strip_whitespace: bool
    str_min_length: int
    str_max_length: int | None
    extra: Any
    frozen: bool
    populate_by_name: bool
    use_enum_values: bool
    validate_assignment: bool
    arbitrary_types_allowed: bool
    from_attributes: bool
    loc_by_alias: bool
    alias_generator: Any
    ignored_types: tuple[type, ...]
    allow_inf_nan: bool
    json_schema_extra: Any
    json_encoders: Any
    strict: bool
    revalidate_instances: str
    ser_json_timedelta: str
    ser_json_temporal: str
    val_temporal_unit: str
    ser_json_bytes: str
    val_json_bytes: str
    ser_json_inf_nan: str
    validate_default: bool
    validate_return: bool
    protected_namespaces: tuple[str, ...]
    hide_input_in_errors: bool
    defer_build: bool
    plugin_settings: Any
    schema_generator: Any
    json_schema_serialization_defaults_required: bool
    json_schema_mode_override: str | None
    coerce_numbers_to_str: bool
    regex_engine: str
    validation_error_cause: bool
    use_attribute_docstrings: bool
    cache_strings: Any
    validate_by_alias: bool
    validate_by_name: bool
    serialize_by_alias: bool
    url_preserve_empty_path: bool

class Extra(str):
    allow: str
    forbid: str
    ignore: str

class ValidationError(ValueError):
    model: Any
    raw_errors: Any
    title: str
    @classmethod
    def from_exception_data(cls, title: str, line_errors: List[Any], *args: Any, **kwargs: Any) -> Self: ...
    def error_count(self) -> int: ...
    def errors(self, **kwargs: Any) -> List[Dict[str, Any]]: ...
    def json(self, **kwargs: Any) -> str: ...

class TypeAdapter(Generic[_T]):
    core_schema: Any
    pydantic_complete: bool
    serializer: Any
    validator: Any
    def __init__(self, type: type[_T], *, config: ConfigDict | None = ..., **kwargs: Any) -> None: ...
    def dump_json(self, instance: _T, /, **kwargs: Any) -> bytes: ...
    def dump_python(self, instance: _T, /, **kwargs: Any) -> Any: ...
    def get_default_value(self, **kwargs: Any) -> Any: ...
    def json_schema(self, **kwargs: Any) -> dict[str, Any]: ...
    @staticmethod
    def json_schemas(inputs: Iterable[Any], /, **kwargs: Any) -> tuple[dict[Any, Any], dict[str, Any]]: ...
    def rebuild(self, **kwargs: Any) -> bool | None: ...
    def validate_json(self, data: Any, /, **kwargs: Any) -> _T: ...
    def validate_python(self, object: Any, /, **kwargs: Any) -> _T: ...
    def validate_strings(self, obj: Any, /, **kwargs: Any) -> _T: ...

# Fields

Required: Any
MISSING: Any

def Field(default: Any = ..., **kwargs: Any) -> Any: ...
def PrivateAttr(default: Any = ..., *, default_factory: Any = ..., init: bool = ...) -> Any: ...
@overload
def computed_field(func: _F, /) -> _F: ...
@overload
def computed_field(**kwargs: Any) -> Callable[[_F], _F]: ...

class AliasPath:
    path: list[Any]
    def __init__(self, first_arg: str, *args: str | int) -> None: ...
    def convert_to_aliases(self) -> list[str | int]: ...

class AliasChoices:
    choices: list[Any]
    def __init__(self, first_choice: Any, *choices: Any) -> None: ...
    def convert_to_aliases(self) -> list[list[str | int]]: ...

class AliasGenerator:
    alias: Any
    validation_alias: Any
    serialization_alias: Any
    def __init__(self, alias: Any = ..., validation_alias: Any = ..., serialization_alias: Any = ...) -> None: ...
    def generate_aliases(self, field_name: str) -> tuple[Any, Any, Any]: ...

# Validators and serializers

def validator(
    *fields: str,
    pre: bool = ...,
    each_item: bool = ...,
    always: bool = ...,
    check_fields: bool | None = ...,
    whole: bool | None = ...,
    allow_reuse: bool = ...,
) -> Callable[[_F], _F]: ...
@overload
def root_validator(func: _F, /) -> _F: ...
@overload
def root_validator(*, pre: bool = ..., allow_reuse: bool = ..., skip_on_failure: bool = ...) -> Callable[[_F], _F]: ...
def field_validator(
    field: str,
    /,
    *fields: str,
    mode: str = ...,
    check_fields: bool | None = ...,
    json_schema_input_type: Any = ...,
) -> Callable[[_F], _F]: ...
def model_validator(*, mode: str) -> Callable[[_F], _F]: ...
def field_serializer(
    *fields: str, mode: str = ..., return_type: Any = ..., when_used: str = ..., check_fields: bool | None = ...
) -> Callable[[_F], _F]: ...
@overload
def model_serializer(f: _F, /) -> _F: ...
@overload
def model_serializer(*, mode: str = ..., when_used: str = ..., return_type: Any = ...) -> Callable[[_F], _F]: ...
@overload
def validate_call(func: _F, /) -> _F: ...
@overload
def validate_call(*, config: Any = ..., validate_return: bool = ...) -> Callable[[_F], _F]: ...
@overload
def validate_arguments(func: _F, /) -> _F: ...
@overload
def validate_arguments(*, config: Any = ...) -> Callable[[_F], _F]: ...
def with_config(config: Any = ..., /, **kwargs: Any) -> Callable[[_F], _F]: ...

class AfterValidator:
    func: Any
    def __init__(self, func: Any) -> None: ...

class BeforeValidator:
    func: Any
    json_schema_input_type: Any
    def __init__(self, func: Any, json_schema_input_type: Any = ...) -> None: ...

class PlainValidator:
    func: Any
    json_schema_input_type: Any
    def __init__(self, func: Any, json_schema_input_type: Any = ...) -> None: ...

class WrapValidator:
    func: Any
    json_schema_input_type: Any
    def __init__(self, func: Any, json_schema_input_type: Any = ...) -> None: ...

class ValidateAs:
    def __init__(self, from_type: Any, /, instantiation_hook: Any) -> None: ...

class PlainSerializer:
    func: Any
    return_type: Any
    when_used: str
    def __init__(self, func: Any, return_type: Any = ..., when_used: str = ...) -> None: ...

class WrapSerializer:
    func: Any
    return_type: Any
    when_used: str
    def __init__(self, func: Any, return_type: Any = ..., when_used: str = ...) -> None: ...

class ValidationInfo:
    config: Any
    context: Any
    data: dict[str, Any]
    field_name: str | None
    mode: str

class SerializationInfo:
    include: Any
    exclude: Any
    context: Any
    mode: str
    by_alias: bool
    exclude_unset: bool
    exclude_defaults: bool
    exclude_none: bool
    round_trip: bool
    def mode_is_json(self) -> bool: ...

class FieldSerializationInfo(SerializationInfo):
    field_name: str

class ValidatorFunctionWrapHandler:
    def __call__(self, input_value: Any, outer_location: Any = ..., /) -> Any: ...

class ModelWrapValidatorHandler(Generic[_T]):
    def __call__(self, value: Any, outer_location: Any = ..., /) -> _T: ...

class SerializerFunctionWrapHandler:
    def __call__(self, value: Any, index_key: Any = ..., /) -> Any: ...

class GetCoreSchemaHandler:
    field_name: str | None
    def __call__(self, source_type: Any, /) -> Any: ...
    def generate_schema(self, source_type: Any, /) -> Any: ...
    def resolve_ref_schema(self, maybe_ref_schema: Any, /) -> Any: ...

class GetJsonSchemaHandler:
    mode: str
    def __call__(self, core_schema: Any, /) -> dict[str, Any]: ...
    def resolve_ref_schema(self, maybe_ref_json_schema: Any, /) -> dict[str, Any]: ...

class GetPydanticSchema:
    def __init__(self, get_pydantic_core_schema: Any = ..., get_pydantic_json_schema: Any = ...) -> None: ...

class WithJsonSchema:
    json_schema: Any
    mode: str | None
    def __init__(self, json_schema: Any, mode: str | None = ...) -> None: ...

# Functions

def create_model(
    model_name: str,
    /,
    *,
    __config__: Any = ...,
    __doc__: str | None = ...,
    __base__: Any = ...,
    __module__: str | None = ...,
    __validators__: Any = ...,
    __cls_kwargs__: Any = ...,
    **field_definitions: Any,
) -> type[BaseModel]: ...
def create_model_from_namedtuple(namedtuple_cls: Any, **kwargs: Any) -> type[BaseModel]: ...
def create_model_from_typeddict(typeddict_cls: Any, **kwargs: Any) -> type[BaseModel]: ...
def parse_obj_as(type_: type[_T], obj: Any, type_name: Any = ...) -> _T: ...
def parse_file_as(type_: type[_T], path: Any, **kwargs: Any) -> _T: ...
def parse_raw_as(type_: type[_T], b: Any, **kwargs: Any) -> _T: ...
def schema_of(type_: Any, *, title: Any = ..., **kwargs: Any) -> dict[str, Any]: ...
def schema_json_of(type_: Any, *, title: Any = ..., **kwargs: Any) -> str: ...
def validate_model(model: Any, input_data: Any, cls: Any = ...) -> tuple[dict[str, Any], set[str], Any]: ...
def validate_email(value: str) -> tuple[str, str]: ...

# Constrained types

def conbytes(**kwargs: Any) -> type[bytes]: ...
def condate(**kwargs: Any) -> type[_date]: ...
def condecimal(**kwargs: Any) -> type[_Decimal]: ...
def confloat(**kwargs: Any) -> type[float]: ...
def confrozenset(item_type: type[_T], **kwargs: Any) -> type[frozenset[_T]]: ...
def conint(**kwargs: Any) -> type[int]: ...
def conlist(item_type: type[_T], **kwargs: Any) -> type[list[_T]]: ...
def conset(item_type: type[_T], **kwargs: Any) -> type[set[_T]]: ...
def constr(**kwargs: Any) -> type[str]: ...
def stricturl(**kwargs: Any) -> type[AnyUrl]: ...

class ConstrainedStr(str): ...
class StrictStr(str): ...
class EmailStr(str): ...
class Base64Str(str): ...
class Base64UrlStr(str): ...
class EncodedStr(str): ...
class PaymentCardNumber(str): ...
class ConstrainedBytes(bytes): ...
class StrictBytes(bytes): ...
class Base64Bytes(bytes): ...
class Base64UrlBytes(bytes): ...
class EncodedBytes(bytes): ...
class ConstrainedInt(int): ...
class StrictInt(int): ...
class PositiveInt(int): ...
class NegativeInt(int): ...
class NonNegativeInt(int): ...
class NonPositiveInt(int): ...
class StrictBool(int): ...
class ConstrainedFloat(float): ...
class StrictFloat(float): ...
class PositiveFloat(float): ...
class NegativeFloat(float): ...
class NonNegativeFloat(float): ...
class NonPositiveFloat(float): ...
class FiniteFloat(float): ...
class ConstrainedDecimal(_Decimal): ...
class ConstrainedDate(_date): ...
class PastDate(_date): ...
class FutureDate(_date): ...
class PastDatetime(_datetime): ...
class FutureDatetime(_datetime): ...
class AwareDatetime(_datetime): ...
class NaiveDatetime(_datetime): ...
class ConstrainedList(list[_T]): ...
class ConstrainedSet(set[_T]): ...
class ConstrainedFrozenSet(frozenset[_T]): ...
class FilePath(_Path): ...
class DirectoryPath(_Path): ...
class NewPath(_Path): ...
class SocketPath(_Path): ...
class UUID1(_UUID): ...
class UUID3(_UUID): ...
class UUID4(_UUID): ...
class UUID5(_UUID): ...
class UUID6(_UUID): ...
class UUID7(_UUID): ...
class UUID8(_UUID): ...

class ByteSize(int):
    def human_readable(self, decimal: bool = ..., separator: str = ...) -> str: ...
    def to(self, unit: str) -> float: ...

class Secret(Generic[_T]):
    def __init__(self, secret_value: _T) -> None: ...
    def get_secret_value(self) -> _T: ...

class SecretField:
    def get_secret_value(self) -> Any: ...

class SecretStr(SecretField):
    min_length: int | None
    max_length: int | None
    def __init__(self, secret_value: str) -> None: ...
    def __len__(self) -> int: ...
    def display(self) -> str: ...
    def get_secret_value(self) -> str: ...

class SecretBytes(SecretField):
    min_length: int | None
    max_length: int | None
    def __init__(self, secret_value: bytes) -> None: ...
    def __len__(self) -> int: ...
    def display(self) -> bytes: ...
    def get_secret_value(self) -> bytes: ...

class NameEmail:
    name: str
    email: str
    def __init__(self, name: str, email: str) -> None: ...

class IPvAnyAddress: ...
class IPvAnyInterface: ...
class IPvAnyNetwork: ...

# Not classes of values: what stands behind them depends on their argument.
AllowInfNan: Any
FailFast: Any
ImportString: Any
InstanceOf: Any
Json: Any
JsonValue: Any
OnErrorOmit: Any
PyObject: Any
SerializeAsAny: Any
SkipValidation: Any
JsonWrapper: Any

NoneStr = str | None
NoneBytes = bytes | None
StrBytes = str | bytes
NoneStrBytes = str | bytes | None

class Strict:
    strict: bool
    def __init__(self, strict: bool = ...) -> None: ...

class StringConstraints:
    strip_whitespace: bool | None
    to_upper: bool | None
    to_lower: bool | None
    strict: bool | None
    min_length: int | None
    max_length: int | None
    pattern: Any
    ascii_only: bool | None
    def __init__(self, **kwargs: Any) -> None: ...

class UrlConstraints:
    max_length: int | None
    allowed_schemes: list[str] | None
    host_required: bool | None
    default_host: str | None
    default_port: int | None
    default_path: str | None
    def __init__(self, **kwargs: Any) -> None: ...

class Tag:
    tag: str
    def __init__(self, tag: str) -> None: ...

class Discriminator:
    discriminator: Any
    def __init__(self, discriminator: Any, **kwargs: Any) -> None: ...

class EncoderProtocol:
    @classmethod
    def decode(cls, data: bytes) -> bytes: ...
    @classmethod
    def encode(cls, value: bytes) -> bytes: ...
    @classmethod
    def get_json_format(cls) -> str: ...

class Base64Encoder(EncoderProtocol): ...
class Protocol(str): ...

# URLs

class AnyUrl:
    scheme: str
    user: str | None
    username: str | None
    password: str | None
    host: str | None
    host_type: str
    tld: str | None
    port: Any
    path: str | None
    query: str | None
    fragment: str | None
    def __init__(self, url: Any, *args: Any, **kwargs: Any) -> None: ...
    @classmethod
    def build(cls, *, scheme: str, host: str | None = ..., **kwargs: Any) -> Self: ...
    @classmethod
    def serialize_url(cls, url: Any, info: Any) -> str: ...
    def encoded_string(self) -> str: ...
    def query_params(self) -> list[tuple[str, str]]: ...
    def unicode_host(self) -> str | None: ...
    def unicode_string(self) -> str: ...
    def __str__(self) -> str: ...

class AnyHttpUrl(AnyUrl): ...
class FileUrl(AnyUrl): ...
class FtpUrl(AnyUrl): ...
class AnyWebsocketUrl(AnyUrl): ...
class WebsocketUrl(AnyUrl): ...
class RedisDsn(AnyUrl): ...
class AmqpDsn(AnyUrl): ...
class KafkaDsn(AnyUrl): ...
class CockroachDsn(AnyUrl): ...
class MySQLDsn(AnyUrl): ...
class MariaDBDsn(AnyUrl): ...
class ClickHouseDsn(AnyUrl): ...
class SnowflakeDsn(AnyUrl): ...
class HttpUrl(AnyHttpUrl): ...
class PostgresDsn(_MultiHostDsn): ...
class MongoDsn(_MultiHostDsn): ...
class NatsDsn(_MultiHostDsn): ...

# Errors and warnings

class PydanticUserError(_PydanticErrorMixin, TypeError): ...
class PydanticUndefinedAnnotation(_PydanticErrorMixin, NameError): ...
class PydanticImportError(_PydanticErrorMixin, ImportError): ...
class PydanticSchemaGenerationError(PydanticUserError): ...
class PydanticInvalidForJsonSchema(PydanticUserError): ...
class PydanticForbiddenQualifier(PydanticUserError): ...
class PydanticDeprecationWarning(DeprecationWarning): ...
class PydanticDeprecatedSince20(PydanticDeprecationWarning): ...
class PydanticDeprecatedSince26(PydanticDeprecationWarning): ...
class PydanticDeprecatedSince29(PydanticDeprecationWarning): ...
class PydanticDeprecatedSince210(PydanticDeprecationWarning): ...
class PydanticDeprecatedSince211(PydanticDeprecationWarning): ...
class PydanticDeprecatedSince212(PydanticDeprecationWarning): ...
class PydanticDeprecatedSince214(PydanticDeprecationWarning): ...
class PydanticExperimentalWarning(Warning): ...

PydanticErrorCodes: Any
