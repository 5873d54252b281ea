"""Threads for what would block the loop."""

from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, TypeVar

_T = TypeVar("_T")

async def run_in_threadpool(func: Callable[..., _T], *args: Any, **kwargs: Any) -> _T: ...
async def run_until_first_complete(*args: Any) -> None: ...
def iterate_in_threadpool(iterator: Iterable[_T]) -> AsyncIterator[_T]: ...
