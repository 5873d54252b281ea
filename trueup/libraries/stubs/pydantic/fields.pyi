"""Fields."""

from typing import Any, Self

from pydantic import computed_field as computed_field
from pydantic import Field as Field
from pydantic import PrivateAttr as PrivateAttr

Undefined: Any
PydanticUndefined: Any
Required: Any
SHAPE_SINGLETON: int
SHAPE_LIST: int
SHAPE_SET: int
SHAPE_MAPPING: int
SHAPE_TUPLE: int
SHAPE_TUPLE_ELLIPSIS: int
SHAPE_SEQUENCE: int
SHAPE_FROZENSET: int
SHAPE_ITERABLE: int
SHAPE_GENERIC: int
SHAPE_DEQUE: int
SHAPE_DICT: int
SHAPE_DEFAULTDICT: int

class UndefinedType: ...
class DeferredType: ...

class FieldInfo:
    annotation: Any
    default: Any
    default_factory: Any
    alias: str | None
    alias_priority: int | None
    validation_alias: Any
    serialization_alias: str | None
    title: str | None
    field_title_generator: Any
    description: str | None
    examples: list[Any] | None
    exclude: Any
    exclude_if: Any
    include: Any
    discriminator: Any
    deprecated: Any
    json_schema_extra: Any
    frozen: bool | None
    validate_default: bool | None
    repr: bool
    init: bool | None
    init_var: bool | None
    kw_only: bool | None
    metadata: list[Any]
    extra: dict[str, Any]
    const: bool | None
    gt: Any
    ge: Any
    lt: Any
    le: Any
    multiple_of: Any
    allow_inf_nan: bool | None
    max_digits: int | None
    decimal_places: int | None
    min_items: int | None
    max_items: int | None
    unique_items: bool | None
    min_length: int | None
    max_length: int | None
    allow_mutation: bool
    regex: str | None
    def __init__(self, default: Any = ..., **kwargs: Any) -> None: ...
    @staticmethod
    def from_annotation(annotation: Any, **kwargs: Any) -> FieldInfo: ...
    @staticmethod
    def from_annotated_attribute(annotation: Any, default: Any, **kwargs: Any) -> FieldInfo: ...
    @staticmethod
    def from_field(default: Any = ..., **kwargs: Any) -> FieldInfo: ...
    @staticmethod
    def merge_field_infos(*field_infos: FieldInfo, **overrides: Any) -> FieldInfo: ...
    def apply_typevars_map(self, typevars_map: Any, *args: Any, **kwargs: Any) -> None: ...
    def asdict(self) -> dict[str, Any]: ...
    def get_constraints(self) -> set[str]: ...
    def get_default(self, *, call_default_factory: bool = ..., validated_data: Any = ...) -> Any: ...
    @property
    def default_factory_takes_validated_data(self) -> bool | None: ...
    @property
    def deprecation_message(self) -> str | None: ...
    def is_required(self) -> bool: ...
    def rebuild_annotation(self) -> Any: ...
    def update_from_config(self, from_config: dict[str, Any]) -> None: ...

class ComputedFieldInfo:
    wrapped_property: Any
    return_type: Any
    alias: str | None
    alias_priority: int | None
    title: str | None
    description: str | None
    deprecated: Any
    examples: list[Any] | None
    json_schema_extra: Any
    repr: bool

class ModelPrivateAttr:
    default: Any
    default_factory: Any
    def __init__(self, default: Any = ..., *, default_factory: Any = ...) -> None: ...
    def get_default(self) -> Any: ...

class ModelField:
    name: str
    alias: str
    alt_alias: bool
    has_alias: bool
    type_: Any
    outer_type_: Any
    annotation: Any
    default: Any
    default_factory: Any
    required: Any
    final: bool
    model_config: Any
    field_info: FieldInfo
    allow_none: bool
    shape: int
    sub_fields: list[ModelField] | None
    sub_fields_mapping: dict[str, ModelField] | None
    key_field: ModelField | None
    class_validators: dict[str, Any]
    validators: Any
    pre_validators: Any
    post_validators: Any
    validate_always: bool
    parse_json: bool
    discriminator_key: str | None
    discriminator_alias: str | None
    def __init__(self, **kwargs: Any) -> None: ...
    @classmethod
    def infer(cls, **kwargs: Any) -> Self: ...
    def get_default(self) -> Any: ...
    def is_complex(self) -> bool: ...
    def populate_validators(self) -> None: ...
    def prepare(self) -> None: ...
    def set_config(self, config: Any) -> None: ...
    def validate(self, v: Any, values: dict[str, Any], *, loc: Any, cls: Any = ...) -> tuple[Any, Any]: ...
