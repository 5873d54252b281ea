"""Errors."""

from typing import Any

class URLError(OSError):
    reason: Any

class HTTPError(URLError):
    code: int
    headers: Any
    url: str
    def read(self, amt: int | None = ...) -> bytes: ...

class ContentTooShortError(URLError): ...
