"""Work done behind the response."""

from collections.abc import Callable
from typing import Any

class BackgroundTask:
    func: Any
    args: Any
    kwargs: Any
    is_async: bool
    def __init__(self, func: Callable[..., Any], *args: Any, **kwargs: Any) -> None: ...
    async def __call__(self) -> None: ...

class BackgroundTasks(BackgroundTask):
    tasks: list[BackgroundTask]
    def __init__(self, tasks: Any = ...) -> None: ...
    def add_task(self, func: Callable[..., Any], *args: Any, **kwargs: Any) -> None: ...
    async def __call__(self) -> None: ...
