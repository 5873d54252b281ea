"""Tables and what belongs to them."""

from typing import Any

from sqlalchemy import BaseDDLElement as BaseDDLElement
from sqlalchemy import BLANK_SCHEMA as BLANK_SCHEMA
from sqlalchemy import CheckConstraint as CheckConstraint
from sqlalchemy import Column as Column
from sqlalchemy import ColumnDefault as ColumnDefault
from sqlalchemy import Computed as Computed
from sqlalchemy import Constraint as Constraint
from sqlalchemy import CreateTable as CreateTable
from sqlalchemy import DDL as DDL
from sqlalchemy import DDLElement as DDLElement
from sqlalchemy import DefaultClause as DefaultClause
from sqlalchemy import DropTable as DropTable
from sqlalchemy import ExecutableDDLElement as ExecutableDDLElement
from sqlalchemy import FetchedValue as FetchedValue
from sqlalchemy import ForeignKey as ForeignKey
from sqlalchemy import ForeignKeyConstraint as ForeignKeyConstraint
from sqlalchemy import Identity as Identity
from sqlalchemy import Index as Index
from sqlalchemy import insert_sentinel as insert_sentinel
from sqlalchemy import MetaData as MetaData
from sqlalchemy import PrimaryKeyConstraint as PrimaryKeyConstraint
from sqlalchemy import Sequence as Sequence
from sqlalchemy import Table as Table
from sqlalchemy import UniqueConstraint as UniqueConstraint

class SchemaItem:
    info: dict[Any, Any]

class ColumnCollectionConstraint(Constraint):
    c: Any
    columns: Any

class conv(str): ...
class DefaultGenerator(SchemaItem): ...
class AddConstraint(DDLElement): ...
class CreateColumn(DDLElement): ...
class CreateIndex(DDLElement): ...
class CreateSchema(DDLElement): ...
class CreateSequence(DDLElement): ...
class DropConstraint(DDLElement): ...
class DropIndex(DDLElement): ...
class DropSchema(DDLElement): ...
class DropSequence(DDLElement): ...
class SetColumnComment(DDLElement): ...
class SetTableComment(DDLElement): ...

def sort_tables(tables: Any, *args: Any, **kwargs: Any) -> list[Table]: ...
def sort_tables_and_constraints(tables: Any, *args: Any, **kwargs: Any) -> list[Any]: ...
