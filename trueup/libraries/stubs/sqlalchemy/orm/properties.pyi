"""Columns of mapped classes."""

from sqlalchemy.orm import ColumnProperty as ColumnProperty
from sqlalchemy.orm import CompositeProperty as CompositeProperty
from sqlalchemy.orm import MappedColumn as MappedColumn
from sqlalchemy.orm import MappedSQLExpression as MappedSQLExpression
from sqlalchemy.orm import RelationshipProperty as RelationshipProperty
from sqlalchemy.orm import SynonymProperty as SynonymProperty
