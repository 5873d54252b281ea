"""Errors of 1.x."""

from typing import Any

from pydantic import ValidationError as ValidationError

class ErrorWrapper:
    exc: Exception
    def __init__(self, exc: Exception, loc: Any) -> None: ...
    def loc_tuple(self) -> tuple[int | str, ...]: ...

ErrorList: Any

def display_errors(errors: list[dict[str, Any]]) -> str: ...
def flatten_errors(errors: Any, config: Any, loc: Any = ...) -> Any: ...
