"""Models and fields."""

from typing import Any

from pydantic import ConfigDict as _ConfigDict
from pydantic.fields import FieldInfo as _FieldInfo
from pydantic.main import ModelMetaclass as _ModelMetaclass
from sqlmodel import AutoString as AutoString
from sqlmodel import Field as Field
from sqlmodel import Relationship as Relationship
from sqlmodel import SQLModel as SQLModel
from sqlmodel import UTCDateTime as UTCDateTime

default_registry: Any

class SQLModelConfig(_ConfigDict):
    table: bool | None
    registry: Any

class FieldInfo(_FieldInfo): ...
class RelationshipInfo: ...
class SQLModelMetaclass(_ModelMetaclass): ...

def get_column_from_field(field: Any) -> Any: ...
def get_sqlalchemy_type(field: Any) -> Any: ...
