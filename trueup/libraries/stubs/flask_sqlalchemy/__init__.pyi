"""Flask-SQLAlchemy: one object that carries SQLAlchemy's names, a session and a base class."""

from typing import Any, TypeVar

import sqlalchemy as _sa
import sqlalchemy.orm as _orm
from flask_sqlalchemy.model import Model as _Model
from flask_sqlalchemy.pagination import Pagination as _Pagination
from flask_sqlalchemy.query import Query as _Query
from flask_sqlalchemy.session import Session as _Session

_T = TypeVar("_T")

class SQLAlchemy:
    Model: type[_Model]
    Query: type[_Query[Any]]
    engine: _sa.Engine
    engines: dict[str | None, _sa.Engine]
    metadata: _sa.MetaData
    metadatas: dict[str | None, _sa.MetaData]
    session: _orm.scoped_session[_Session]
    def __init__(self, app: Any = ..., **kwargs: Any) -> None: ...
    def create_all(self, bind_key: Any = ...) -> None: ...
    def create_scoped_session(self, options: Any = ...) -> _orm.scoped_session[_Session]: ...
    def drop_all(self, bind_key: Any = ...) -> None: ...
    def first_or_404(self, statement: Any, *, description: str | None = ...) -> Any: ...
    def get_engine(self, bind_key: Any = ..., **kwargs: Any) -> _sa.Engine: ...
    def get_or_404(self, entity: type[_T], ident: Any, **kwargs: Any) -> _T: ...
    def init_app(self, app: Any) -> None: ...
    def one_or_404(self, statement: Any, *, description: str | None = ...) -> Any: ...
    def paginate(self, select: Any, **kwargs: Any) -> _Pagination[Any]: ...
    def reflect(self, bind_key: Any = ...) -> None: ...
    and_ = _sa.and_
    ARRAY = _sa.ARRAY
    asc = _sa.asc
    between = _sa.between
    BIGINT = _sa.BIGINT
    BigInteger = _sa.BigInteger
    BINARY = _sa.BINARY
    bindparam = _sa.bindparam
    BLOB = _sa.BLOB
    BOOLEAN = _sa.BOOLEAN
    Boolean = _sa.Boolean
    case = _sa.case
    cast = _sa.cast
    CHAR = _sa.CHAR
    CheckConstraint = _sa.CheckConstraint
    CLOB = _sa.CLOB
    collate = _sa.collate
    Column = _sa.Column
    column = _sa.column
    Computed = _sa.Computed
    Constraint = _sa.Constraint
    DATE = _sa.DATE
    Date = _sa.Date
    DATETIME = _sa.DATETIME
    DateTime = _sa.DateTime
    DECIMAL = _sa.DECIMAL
    delete = _sa.delete
    desc = _sa.desc
    distinct = _sa.distinct
    Double = _sa.Double
    Enum = _sa.Enum
    except_ = _sa.except_
    exists = _sa.exists
    extract = _sa.extract
    false = _sa.false
    FetchedValue = _sa.FetchedValue
    FLOAT = _sa.FLOAT
    Float = _sa.Float
    ForeignKey = _sa.ForeignKey
    ForeignKeyConstraint = _sa.ForeignKeyConstraint
    func = _sa.func
    Identity = _sa.Identity
    Index = _sa.Index
    insert = _sa.insert
    inspect = _sa.inspect
    INTEGER = _sa.INTEGER
    Integer = _sa.Integer
    intersect = _sa.intersect
    Interval = _sa.Interval
    join = _sa.join
    JSON = _sa.JSON
    LargeBinary = _sa.LargeBinary
    literal = _sa.literal
    literal_column = _sa.literal_column
    MetaData = _sa.MetaData
    not_ = _sa.not_
    null = _sa.null
    nulls_first = _sa.nulls_first
    nulls_last = _sa.nulls_last
    nullsfirst = _sa.nullsfirst
    nullslast = _sa.nullslast
    NUMERIC = _sa.NUMERIC
    Numeric = _sa.Numeric
    or_ = _sa.or_
    outerjoin = _sa.outerjoin
    over = _sa.over
    PickleType = _sa.PickleType
    PrimaryKeyConstraint = _sa.PrimaryKeyConstraint
    REAL = _sa.REAL
    select = _sa.select
    Sequence = _sa.Sequence
    SMALLINT = _sa.SMALLINT
    SmallInteger = _sa.SmallInteger
    String = _sa.String
    subquery = _sa.subquery
    Table = _sa.Table
    table = _sa.table
    TEXT = _sa.TEXT
    Text = _sa.Text
    text = _sa.text
    TIME = _sa.TIME
    Time = _sa.Time
    TIMESTAMP = _sa.TIMESTAMP
    true = _sa.true
    tuple_ = _sa.tuple_
    type_coerce = _sa.type_coerce
    TypeDecorator = _sa.TypeDecorator
    Unicode = _sa.Unicode
    UnicodeText = _sa.UnicodeText
    union = _sa.union
    union_all = _sa.union_all
    UniqueConstraint = _sa.UniqueConstraint
    update = _sa.update
    UUID = _sa.UUID
    Uuid = _sa.Uuid
    VARBINARY = _sa.VARBINARY
    VARCHAR = _sa.VARCHAR
    aliased = _orm.aliased
    attribute_keyed_dict = _orm.attribute_keyed_dict
    backref = _orm.backref
    Bundle = _orm.Bundle
    class_mapper = _orm.class_mapper
    column_property = _orm.column_property
    composite = _orm.composite
    contains_eager = _orm.contains_eager
    DeclarativeBase = _orm.DeclarativeBase
    declared_attr = _orm.declared_attr
    defaultload = _orm.defaultload
    defer = _orm.defer
    deferred = _orm.deferred
    foreign = _orm.foreign
    immediateload = _orm.immediateload
    joinedload = _orm.joinedload
    lazyload = _orm.lazyload
    Load = _orm.Load
    load_only = _orm.load_only
    Mapped = _orm.Mapped
    mapped_column = _orm.mapped_column
    Mapper = _orm.Mapper
    mapper = _orm.mapper
    noload = _orm.noload
    object_session = _orm.object_session
    query_expression = _orm.query_expression
    raiseload = _orm.raiseload
    reconstructor = _orm.reconstructor
    relationship = _orm.relationship
    remote = _orm.remote
    selectinload = _orm.selectinload
    subqueryload = _orm.subqueryload
    synonym = _orm.synonym
    undefer = _orm.undefer
    validates = _orm.validates
    with_loader_criteria = _orm.with_loader_criteria
    with_polymorphic = _orm.with_polymorphic
