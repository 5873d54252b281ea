"""Concrete bases."""

from sqlalchemy.ext.declarative import AbstractConcreteBase as AbstractConcreteBase
from sqlalchemy.ext.declarative import ConcreteBase as ConcreteBase
from sqlalchemy.ext.declarative import DeferredReflection as DeferredReflection
