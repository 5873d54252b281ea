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
    frozen: bool = ...,
    config: Any = ...,
    validate_on_init: bool | None = ...,
    use_proxy: bool | None = ...,
    kw_only: bool = ...,
    slots: bool = ...,
) -> Callable[[_T], _T]: ...
