"""Where declarative bases came from before 1.4."""

from typing import Any

from sqlalchemy.orm import as_declarative as as_declarative
from sqlalchemy.orm import declarative_base as declarative_base
from sqlalchemy.orm import DeclarativeMeta as DeclarativeMeta
from sqlalchemy.orm import declared_attr as declared_attr
from sqlalchemy.orm import has_inherited_table as has_inherited_table
from sqlalchemy.orm import synonym_for as synonym_for

class ConcreteBase: ...
class AbstractConcreteBase(ConcreteBase): ...

class DeferredReflection:
    @classmethod
    def prepare(cls, bind: Any, **reflect_kw: Any) -> None: ...

def instrument_declarative(cls: Any, cls_registry: Any, metadata: Any) -> None: ...
