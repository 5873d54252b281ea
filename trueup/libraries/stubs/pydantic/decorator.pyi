"""Checked function calls of 1.x."""

from typing import Any

from pydantic import BaseModel
from pydantic import validate_arguments as validate_arguments

class _Arguments(BaseModel): ...

class ValidatedFunction:
    raw_function: Any
    model: Any
    vd: Any
    def init_model_instance(self, *args: Any, **kwargs: Any) -> _Arguments: ...
    def call(self, *args: Any, **kwargs: Any) -> Any: ...
