"""Declarative bases."""

from typing import Any

from sqlalchemy import MetaData as _MetaData
from sqlalchemy.orm import as_declarative as as_declarative
from sqlalchemy.orm import declarative_base as declarative_base
from sqlalchemy.orm import declarative_mixin as declarative_mixin
from sqlalchemy.orm import DeclarativeBase as DeclarativeBase
from sqlalchemy.orm import DeclarativeBaseNoMeta as DeclarativeBaseNoMeta
from sqlalchemy.orm import DeclarativeMeta as DeclarativeMeta
from sqlalchemy.orm import declared_attr as declared_attr
from sqlalchemy.orm import has_inherited_table as has_inherited_table
from sqlalchemy.orm import MappedAsDataclass as MappedAsDataclass
from sqlalchemy.orm import registry as registry
from sqlalchemy.orm import synonym_for as synonym_for

class DeclarativeAttributeIntercept(type):
    metadata: _MetaData
    registry: Any
