"""Types of columns."""

from typing import Any, Generic, Self, TypeVar

from sqlalchemy import ARRAY as ARRAY
from sqlalchemy import BIGINT as BIGINT
from sqlalchemy import BigInteger as BigInteger
from sqlalchemy import BINARY as BINARY
from sqlalchemy import BLOB as BLOB
from sqlalchemy import BOOLEAN as BOOLEAN
from sqlalchemy import Boolean as Boolean
from sqlalchemy import CHAR as CHAR
from sqlalchemy import CLOB as CLOB
from sqlalchemy import DATE as DATE
from sqlalchemy import Date as Date
from sqlalchemy import DATETIME as DATETIME
from sqlalchemy import DateTime as DateTime
from sqlalchemy import DECIMAL as DECIMAL
from sqlalchemy import DOUBLE as DOUBLE
from sqlalchemy import Double as Double
from sqlalchemy import DOUBLE_PRECISION as DOUBLE_PRECISION
from sqlalchemy import Enum as Enum
from sqlalchemy import FLOAT as FLOAT
from sqlalchemy import Float as Float
from sqlalchemy import INT as INT
from sqlalchemy import INTEGER as INTEGER
from sqlalchemy import Integer as Integer
from sqlalchemy import Interval as Interval
from sqlalchemy import JSON as JSON
from sqlalchemy import LargeBinary as LargeBinary
from sqlalchemy import NCHAR as NCHAR
from sqlalchemy import NUMERIC as NUMERIC
from sqlalchemy import Numeric as Numeric
from sqlalchemy import NVARCHAR as NVARCHAR
from sqlalchemy import PickleType as PickleType
from sqlalchemy import REAL as REAL
from sqlalchemy import SMALLINT as SMALLINT
from sqlalchemy import SmallInteger as SmallInteger
from sqlalchemy import String as String
from sqlalchemy import TEXT as TEXT
from sqlalchemy import Text as Text
from sqlalchemy import TIME as TIME
from sqlalchemy import Time as Time
from sqlalchemy import TIMESTAMP as TIMESTAMP
from sqlalchemy import TupleType as TupleType
from sqlalchemy import TypeDecorator as TypeDecorator
from sqlalchemy import Unicode as Unicode
from sqlalchemy import UnicodeText as UnicodeText
from sqlalchemy import UUID as UUID
from sqlalchemy import Uuid as Uuid
from sqlalchemy import VARBINARY as VARBINARY
from sqlalchemy import VARCHAR as VARCHAR

_T = TypeVar("_T")

class TypeEngine(Generic[_T]):
    hashable: bool
    should_evaluate_none: bool
    sort_key_function: Any
    render_bind_cast: bool
    render_literal_cast: bool
    python_type: type[Any]
    comparator_factory: Any
    Comparator: Any
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def adapt(self, cls: Any, **kw: Any) -> TypeEngine[Any]: ...
    def as_generic(self, *, allow_nulltype: bool = ...) -> TypeEngine[Any]: ...
    def bind_expression(self, bindvalue: Any) -> Any: ...
    def bind_processor(self, dialect: Any) -> Any: ...
    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]: ...
    def column_expression(self, colexpr: Any) -> Any: ...
    def compare_values(self, x: Any, y: Any) -> bool: ...
    def compile(self, dialect: Any = ...) -> str: ...
    def copy(self, **kw: Any) -> Self: ...
    def copy_value(self, value: Any) -> Any: ...
    def dialect_impl(self, dialect: Any) -> TypeEngine[_T]: ...
    def evaluates_none(self) -> Self: ...
    def get_dbapi_type(self, dbapi: Any) -> Any: ...
    def literal_processor(self, dialect: Any) -> Any: ...
    def result_processor(self, dialect: Any, coltype: object) -> Any: ...
    def with_variant(self, type_: Any, *dialect_names: str) -> Self: ...

class UserDefinedType(TypeEngine[Any]):
    def get_col_spec(self, **kw: Any) -> str: ...

class NullType(TypeEngine[Any]): ...
class MatchType(Boolean): ...
class SchemaType: ...
class Concatenable: ...
class Indexable: ...
class ExternalType: ...
class Variant(TypeDecorator[Any]): ...

NULLTYPE: NullType
STRINGTYPE: String

def adapt_type(typeobj: Any, colspecs: Any) -> Any: ...
def to_instance(typeobj: Any, *arg: Any, **kw: Any) -> Any: ...
