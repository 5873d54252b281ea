"""Pages of results."""

from collections.abc import Iterator
from typing import Generic, TypeVar

_T = TypeVar("_T")

class Pagination(Generic[_T]):
    first: int
    has_next: bool
    has_prev: bool
    items: list[_T]
    last: int
    max_per_page: int | None
    next_num: int | None
    page: int
    pages: int
    per_page: int
    prev_num: int | None
    total: int | None
    def __iter__(self) -> Iterator[_T]: ...
    def iter_pages(self, *, left_edge: int = ..., right_edge: int = ...) -> Iterator[int | None]: ...
    def next(self, *, error_out: bool = ...) -> Pagination[_T]: ...
    def prev(self, *, error_out: bool = ...) -> Pagination[_T]: ...
