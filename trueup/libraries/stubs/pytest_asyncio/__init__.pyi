"""pytest for coroutines."""

from collections.abc import Callable
from typing import Any, TypeVar, overload

_F = TypeVar("_F")

@overload
def fixture(fixture_function: _F, /) -> _F: ...
@overload
def fixture(**kwargs: Any) -> Callable[[_F], _F]: ...
