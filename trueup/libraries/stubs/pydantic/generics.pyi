"""Generic models of 1.x."""

from typing import Any

from pydantic import BaseModel

class GenericModel(BaseModel):
    @classmethod
    def __concrete_name__(cls, params: tuple[type[Any], ...]) -> str: ...

def replace_types(type_: Any, type_map: Any) -> Any: ...
