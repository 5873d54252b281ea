"""Definitions of tables as statements."""

from sqlalchemy.schema import AddConstraint as AddConstraint
from sqlalchemy.schema import BaseDDLElement as BaseDDLElement
from sqlalchemy.schema import CreateIndex as CreateIndex
from sqlalchemy.schema import CreateSchema as CreateSchema
from sqlalchemy.schema import CreateTable as CreateTable
from sqlalchemy.schema import DDL as DDL
from sqlalchemy.schema import DDLElement as DDLElement
from sqlalchemy.schema import DropConstraint as DropConstraint
from sqlalchemy.schema import DropIndex as DropIndex
from sqlalchemy.schema import DropSchema as DropSchema
from sqlalchemy.schema import DropTable as DropTable
from sqlalchemy.schema import ExecutableDDLElement as ExecutableDDLElement
from sqlalchemy.schema import sort_tables as sort_tables
