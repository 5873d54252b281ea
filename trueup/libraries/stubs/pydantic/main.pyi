"""Models."""

from typing import Any

from pydantic import BaseConfig as BaseConfig
from pydantic import BaseModel as BaseModel
from pydantic import create_model as create_model
from pydantic import Extra as Extra
from pydantic import validate_model as validate_model
from pydantic import ValidationError as ValidationError

class ModelMetaclass(type):
    def __instancecheck__(self, instance: Any) -> bool: ...
