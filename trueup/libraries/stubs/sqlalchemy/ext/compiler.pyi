"""SQL constructs of one's own."""

from collections.abc import Callable
from typing import Any, TypeVar

_F = TypeVar("_F")

def compiles(class_: Any, *specs: str) -> Callable[[_F], _F]: ...
def deregister(class_: Any) -> None: ...
