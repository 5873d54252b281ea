"""Data classes that are validated."""

from collections.abc import Callable
from typing import Any, TypeVar, overload

_T = TypeVar("_T")

@overload
def dataclass(_cls: _T, /) -> _T: ...
@overload
def dataclass(
    *,
    init: bool = ...,
    repr: bool = ...,
    eq: bool = ...,
    order: bool = ...,
    unsafe_hash: bool = ...,
    frozen: bool | None = ...,
    config: Any = ...,
    validate_on_init: bool | None = ...,
    use_proxy: bool | None = ...,
    kw_only: bool = ...,
    slots: bool = ...,
) -> Callable[[_T], _T]: ...
def rebuild_dataclass(cls: Any, **kwargs: Any) -> bool | None: ...
def is_pydantic_dataclass(class_: type[Any], /) -> bool: ...
def is_builtin_dataclass(_cls: type[Any]) -> bool: ...
def create_pydantic_model_from_dataclass(dc_cls: type[Any], config: Any = ..., dc_doc: str | None = ...) -> Any: ...
def make_dataclass_validator(dataclass_cls: type[Any], config: Any) -> Any: ...
def set_validation(cls: Any, value: bool) -> Any: ...
