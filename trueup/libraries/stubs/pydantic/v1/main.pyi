"""Models."""

from typing import Any

from pydantic.v1 import BaseConfig as BaseConfig
from pydantic.v1 import BaseModel as BaseModel
from pydantic.v1 import create_model as create_model
from pydantic.v1 import Extra as Extra
from pydantic.v1 import validate_model as validate_model
from pydantic.v1 import ValidationError as ValidationError

class ModelMetaclass(type):
    def __instancecheck__(self, instance: Any) -> bool: ...
