"""SQLModel: Pydantic models that are tables."""

from typing import Any, Dict, Self, Set, TypeVar, overload

from pydantic import BaseModel as _BaseModel
from sqlalchemy import alias as alias
from sqlalchemy import all_ as all_
from sqlalchemy import and_ as and_
from sqlalchemy import any_ as any_
from sqlalchemy import ARRAY as ARRAY
from sqlalchemy import asc as asc
from sqlalchemy import between as between
from sqlalchemy import BIGINT as BIGINT
from sqlalchemy import BigInteger as BigInteger
from sqlalchemy import BINARY as BINARY
from sqlalchemy import bindparam as bindparam
from sqlalchemy import BLANK_SCHEMA as BLANK_SCHEMA
from sqlalchemy import BLOB as BLOB
from sqlalchemy import BOOLEAN as BOOLEAN
from sqlalchemy import Boolean as Boolean
from sqlalchemy import case as case
from sqlalchemy import cast as cast
from sqlalchemy import CHAR as CHAR
from sqlalchemy import CheckConstraint as CheckConstraint
from sqlalchemy import CLOB as CLOB
from sqlalchemy import collate as collate
from sqlalchemy import Column as Column
from sqlalchemy import column as column
from sqlalchemy import ColumnDefault as ColumnDefault
from sqlalchemy import Computed as Computed
from sqlalchemy import Constraint as Constraint
from sqlalchemy import create_engine as create_engine
from sqlalchemy import create_mock_engine as create_mock_engine
from sqlalchemy import DATE as DATE
from sqlalchemy import Date as Date
from sqlalchemy import DATETIME as DATETIME
from sqlalchemy import DateTime as DateTime
from sqlalchemy import DDL as DDL
from sqlalchemy import DECIMAL as DECIMAL
from sqlalchemy import DefaultClause as DefaultClause
from sqlalchemy import delete as delete
from sqlalchemy import desc as desc
from sqlalchemy import distinct as distinct
from sqlalchemy import DOUBLE as DOUBLE
from sqlalchemy import Double as Double
from sqlalchemy import DOUBLE_PRECISION as DOUBLE_PRECISION
from sqlalchemy import engine_from_config as engine_from_config
from sqlalchemy import Enum as Enum
from sqlalchemy import except_ as except_
from sqlalchemy import except_all as except_all
from sqlalchemy import exists as exists
from sqlalchemy import extract as extract
from sqlalchemy import false as false
from sqlalchemy import FetchedValue as FetchedValue
from sqlalchemy import FLOAT as FLOAT
from sqlalchemy import Float as Float
from sqlalchemy import ForeignKey as ForeignKey
from sqlalchemy import ForeignKeyConstraint as ForeignKeyConstraint
from sqlalchemy import func as func
from sqlalchemy import funcfilter as funcfilter
from sqlalchemy import Identity as Identity
from sqlalchemy import Index as Index
from sqlalchemy import insert as insert
from sqlalchemy import inspect as inspect
from sqlalchemy import INT as INT
from sqlalchemy import INTEGER as INTEGER
from sqlalchemy import Integer as Integer
from sqlalchemy import intersect as intersect
from sqlalchemy import intersect_all as intersect_all
from sqlalchemy import Interval as Interval
from sqlalchemy import join as join
from sqlalchemy import JSON as JSON
from sqlalchemy import LABEL_STYLE_DEFAULT as LABEL_STYLE_DEFAULT
from sqlalchemy import LABEL_STYLE_DISAMBIGUATE_ONLY as LABEL_STYLE_DISAMBIGUATE_ONLY
from sqlalchemy import LABEL_STYLE_NONE as LABEL_STYLE_NONE
from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL as LABEL_STYLE_TABLENAME_PLUS_COL
from sqlalchemy import lambda_stmt as lambda_stmt
from sqlalchemy import LargeBinary as LargeBinary
from sqlalchemy import lateral as lateral
from sqlalchemy import literal as literal
from sqlalchemy import literal_column as literal_column
from sqlalchemy import MetaData as MetaData
from sqlalchemy import modifier as modifier
from sqlalchemy import NCHAR as NCHAR
from sqlalchemy import not_ as not_
from sqlalchemy import null as null
from sqlalchemy import nulls_first as nulls_first
from sqlalchemy import nulls_last as nulls_last
from sqlalchemy import nullsfirst as nullsfirst
from sqlalchemy import nullslast as nullslast
from sqlalchemy import NUMERIC as NUMERIC
from sqlalchemy import Numeric as Numeric
from sqlalchemy import NVARCHAR as NVARCHAR
from sqlalchemy import or_ as or_
from sqlalchemy import outerjoin as outerjoin
from sqlalchemy import outparam as outparam
from sqlalchemy import over as over
from sqlalchemy import PickleType as PickleType
from sqlalchemy import PrimaryKeyConstraint as PrimaryKeyConstraint
from sqlalchemy import QueuePool as QueuePool
from sqlalchemy import REAL as REAL
from sqlalchemy import Sequence as Sequence
from sqlalchemy import SMALLINT as SMALLINT
from sqlalchemy import SmallInteger as SmallInteger
from sqlalchemy import StaticPool as StaticPool
from sqlalchemy import String as String
from sqlalchemy import subquery as subquery
from sqlalchemy import Table as Table
from sqlalchemy import table as table
from sqlalchemy import tablesample as tablesample
from sqlalchemy import TEXT as TEXT
from sqlalchemy import Text as Text
from sqlalchemy import text as text
from sqlalchemy import TIME as TIME
from sqlalchemy import Time as Time
from sqlalchemy import TIMESTAMP as TIMESTAMP
from sqlalchemy import true as true
from sqlalchemy import tuple_ as tuple_
from sqlalchemy import TupleType as TupleType
from sqlalchemy import type_coerce as type_coerce
from sqlalchemy import TypeDecorator as TypeDecorator
from sqlalchemy import Unicode as Unicode
from sqlalchemy import UnicodeText as UnicodeText
from sqlalchemy import union as union
from sqlalchemy import union_all as union_all
from sqlalchemy import UniqueConstraint as UniqueConstraint
from sqlalchemy import update as update
from sqlalchemy import UUID as UUID
from sqlalchemy import Uuid as Uuid
from sqlalchemy import values as values
from sqlalchemy import VARBINARY as VARBINARY
from sqlalchemy import VARCHAR as VARCHAR
from sqlalchemy import within_group as within_group
from sqlalchemy import CursorResult as _CursorResult
from sqlalchemy import ScalarResult as _ScalarResult
from sqlalchemy import Select as _Select
from sqlalchemy.engine import TupleResult as _TupleResult
from sqlalchemy import UpdateBase as _UpdateBase
from sqlalchemy.orm import Mapped as _Mapped
from sqlalchemy.orm import Session as _Session
from sqlmodel.main import SQLModelConfig as _SQLModelConfig
from sqlmodel.sql.expression import SelectOfScalar as _SelectOfScalar

_T = TypeVar("_T")
_T2 = TypeVar("_T2")
_T3 = TypeVar("_T3")
_RowT = TypeVar("_RowT")
_FirstT = TypeVar("_FirstT")

class SQLModel(_BaseModel):
    metadata: MetaData
    model_config: _SQLModelConfig
    __name__: str
    __allow_unmapped__: bool
    __mapper__: Any
    __mapper_args__: Any
    __sqlmodel_relationships__: Dict[str, Any]
    __table__: Table
    __table_args__: Any
    __tablename__: Any
    def __init__(self, **data: Any) -> None: ...
    def dict(
        self,
        *,
        include: Any = ...,
        exclude: Any = ...,
        by_alias: bool = ...,
        exclude_unset: bool = ...,
        exclude_defaults: bool = ...,
        exclude_none: bool = ...,
    ) -> Dict[str, Any]: ...
    @classmethod
    def from_orm(cls, obj: Any, update: Any = ...) -> Self: ...
    @classmethod
    def model_validate(
        cls,
        obj: Any,
        *,
        strict: bool | None = ...,
        from_attributes: bool | None = ...,
        context: Any = ...,
        update: Any = ...,
        **kwargs: Any,
    ) -> Self: ...
    @classmethod
    def parse_obj(cls, obj: Any, update: Any = ...) -> Self: ...
    def sqlmodel_update(self, obj: Any, *, update: Any = ...) -> Self: ...
    @classmethod
    def validate(cls, value: Any) -> Self: ...
    def _calculate_keys(self, *args: Any, **kwargs: Any) -> Set[str] | None: ...

def Field(default: Any = ..., **kwargs: Any) -> Any: ...
def Relationship(
    *,
    back_populates: str | None = ...,
    cascade_delete: bool | None = ...,
    passive_deletes: Any = ...,
    link_model: Any = ...,
    sa_relationship: Any = ...,
    sa_relationship_args: Any = ...,
    sa_relationship_kwargs: Any = ...,
) -> Any: ...
def col(column_expression: _T) -> _Mapped[_T]: ...

class AutoString(TypeDecorator[str]): ...
class UTCDateTime(TypeDecorator[Any]): ...

@overload
def select(entity: type[_T], /) -> _SelectOfScalar[_T]: ...
@overload
def select(entity: type[_T], entity2: type[_T2], /) -> _Select[tuple[_T, _T2], _T]: ...
@overload
def select(entity: type[_T], entity2: type[_T2], entity3: type[_T3], /) -> _Select[tuple[_T, _T2, _T3], _T]: ...
@overload
def select(entity: type[_T], entity2: Any, /, *entities: Any) -> _Select[Any, _T]: ...
@overload
def select(entity: Any, /) -> _SelectOfScalar[Any]: ...
@overload
def select(*entities: Any) -> _Select[Any, Any]: ...

class Session(_Session):
    @overload
    def exec(self, statement: _SelectOfScalar[_T], **kwargs: Any) -> _ScalarResult[_T]: ...
    @overload
    def exec(self, statement: _Select[_RowT, _FirstT], **kwargs: Any) -> _TupleResult[_RowT]: ...
    @overload
    def exec(self, statement: _UpdateBase, **kwargs: Any) -> _CursorResult[Any, Any]: ...
    @overload
    def exec(self, statement: Any, **kwargs: Any) -> Any: ...
