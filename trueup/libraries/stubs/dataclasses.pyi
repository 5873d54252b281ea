"""Data classes."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

_T = TypeVar("_T")

MISSING: Any

class KW_ONLY: ...
class FrozenInstanceError(AttributeError): ...

class InitVar(Generic[_T]):
    type: Any

class Field(Generic[_T]):
    name: str
    type: Any
    default: _T
    default_factory: Callable[[], _T]
    repr: bool
    hash: bool | None
    init: bool
    compare: bool
    metadata: dict[Any, Any]
    kw_only: bool

@overload
def dataclass(cls: _T, /) -> _T: ...
@overload
def dataclass(
    *,
    init: bool = ...,
    repr: bool = ...,
    eq: bool = ...,
    order: bool = ...,
    unsafe_hash: bool = ...,
    frozen: bool = ...,
    match_args: bool = ...,
    kw_only: bool = ...,
    slots: bool = ...,
    weakref_slot: bool = ...,
) -> Callable[[_T], _T]: ...
def field(
    *,
    default: Any = ...,
    default_factory: Any = ...,
    init: bool = ...,
    repr: bool = ...,
    hash: bool | None = ...,
    compare: bool = ...,
    metadata: Any = ...,
    kw_only: bool = ...,
) -> Any: ...
def fields(class_or_instance: Any) -> tuple[Field[Any], ...]: ...
def asdict(obj: Any, *, dict_factory: Any = ...) -> dict[str, Any]: ...
def astuple(obj: Any, *, tuple_factory: Any = ...) -> tuple[Any, ...]: ...
def is_dataclass(obj: object) -> bool: ...
def make_dataclass(cls_name: str, fields: Any, **kwargs: Any) -> type[Any]: ...
def replace(obj: _T, /, **changes: Any) -> _T: ...
