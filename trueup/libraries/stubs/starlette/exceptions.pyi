"""Errors that become responses."""

from typing import Any

class HTTPException(Exception):
    status_code: int
    detail: Any
    headers: Any
    def __init__(self, status_code: int, detail: Any = ..., headers: Any = ...) -> None: ...

class WebSocketException(Exception):
    code: int
    reason: str
    def __init__(self, code: int, reason: str | None = ...) -> None: ...

class StarletteDeprecationWarning(UserWarning): ...
