"""Errors."""

from typing import Any

from pydantic.v1 import ValidationError as ValidationError

class ErrorWrapper:
    exc: Exception
    def __init__(self, exc: Exception, loc: Any) -> None: ...
