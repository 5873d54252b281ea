"""Reading JSON."""

from typing import Any

class JSONDecodeError(ValueError):
    msg: str
    doc: str
    pos: int
    lineno: int
    colno: int

class JSONDecoder:
    def __init__(self, **kwargs: Any) -> None: ...
    def decode(self, s: str) -> Any: ...
    def raw_decode(self, s: str, idx: int = ...) -> tuple[Any, int]: ...
