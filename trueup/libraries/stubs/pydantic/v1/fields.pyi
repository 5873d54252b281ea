"""Fields."""

from typing import Any, Self

from pydantic.v1 import Field as Field
from pydantic.v1 import PrivateAttr as PrivateAttr
from pydantic.v1 import Required as Required

Undefined: Any

class UndefinedType: ...

class FieldInfo:
    default: Any
    default_factory: Any
    alias: str | None
    title: str | None
    description: str | None
    exclude: Any
    include: Any
    const: bool | None
    extra: dict[str, Any]
    def __init__(self, default: Any = ..., **kwargs: Any) -> None: ...
    def get_constraints(self) -> set[str]: ...

class ModelPrivateAttr:
    default: Any
    default_factory: Any
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
