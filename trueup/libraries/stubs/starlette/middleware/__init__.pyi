"""Middleware."""

from typing import Any

class Middleware:
    cls: Any
    args: Any
    kwargs: Any
    def __init__(self, cls: Any, *args: Any, **kwargs: Any) -> None: ...
