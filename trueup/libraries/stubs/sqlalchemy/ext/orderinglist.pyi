"""Lists that keep a position column in step."""

from collections.abc import Callable
from typing import Any, TypeVar

_T = TypeVar("_T")

class OrderingList(list[_T]):
    ordering_attr: str
    def reorder(self) -> None: ...

def count_from_0(index: int, collection: Any) -> int: ...
def count_from_1(index: int, collection: Any) -> int: ...
def ordering_list(attr: str, **kw: Any) -> Callable[[], OrderingList[Any]]: ...
