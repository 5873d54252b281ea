"""Generic models."""

from typing import Any

from pydantic.v1 import BaseModel

class GenericModel(BaseModel):
    @classmethod
    def __concrete_name__(cls, params: tuple[type[Any], ...]) -> str: ...
