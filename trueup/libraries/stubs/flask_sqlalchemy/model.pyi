"""The base of `db.Model`."""

from typing import Any, Self

from flask_sqlalchemy.query import Query as _Query
from sqlalchemy.orm import DeclarativeBase as _DeclarativeBase
from sqlalchemy.orm import DeclarativeMeta as _DeclarativeMeta

class Model(_DeclarativeBase):
    __bind_key__: str | None
    __fsa__: Any
    query_class: type[_Query[Any]]
    query: _Query[Self]

class DefaultMeta(_DeclarativeMeta): ...
class BindMetaMixin(type): ...
class NameMetaMixin(type): ...
