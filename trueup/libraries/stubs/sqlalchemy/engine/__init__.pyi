"""Engines, connections and results."""

from collections.abc import Iterator
from typing import Any, Generic, Self, TypeVar

from sqlalchemy import AdaptedConnection as AdaptedConnection
from sqlalchemy import ChunkedIteratorResult as ChunkedIteratorResult
from sqlalchemy import Compiled as Compiled
from sqlalchemy import Connection as Connection
from sqlalchemy import create_engine as create_engine
from sqlalchemy import create_mock_engine as create_mock_engine
from sqlalchemy import create_pool_from_url as create_pool_from_url
from sqlalchemy import CreateEnginePlugin as CreateEnginePlugin
from sqlalchemy import CursorResult as CursorResult
from sqlalchemy import Dialect as Dialect
from sqlalchemy import Engine as Engine
from sqlalchemy import engine_from_config as engine_from_config
from sqlalchemy import ExceptionContext as ExceptionContext
from sqlalchemy import ExecutionContext as ExecutionContext
from sqlalchemy import FrozenResult as FrozenResult
from sqlalchemy import Inspector as Inspector
from sqlalchemy import IteratorResult as IteratorResult
from sqlalchemy import make_url as make_url
from sqlalchemy import MappingResult as MappingResult
from sqlalchemy import MergedResult as MergedResult
from sqlalchemy import NestedTransaction as NestedTransaction
from sqlalchemy import Result as Result
from sqlalchemy import ResultProxy as ResultProxy
from sqlalchemy import RootTransaction as RootTransaction
from sqlalchemy import Row as Row
from sqlalchemy import RowMapping as RowMapping
from sqlalchemy import ScalarResult as ScalarResult
from sqlalchemy import Transaction as Transaction
from sqlalchemy import TwoPhaseTransaction as TwoPhaseTransaction
from sqlalchemy import URL as URL

_T = TypeVar("_T")

class FilterResult:
    closed: bool
    def close(self) -> None: ...
    def yield_per(self, num: int) -> Self: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *args: Any) -> None: ...

class TupleResult(FilterResult, Generic[_T]):
    def __iter__(self) -> Iterator[_T]: ...
    def __next__(self) -> _T: ...
    def all(self) -> list[_T]: ...
    def fetchall(self) -> list[_T]: ...
    def fetchmany(self, size: int | None = ...) -> list[_T]: ...
    def fetchone(self) -> _T | None: ...
    def first(self) -> _T | None: ...
    def one(self) -> _T: ...
    def one_or_none(self) -> _T | None: ...
    def scalar(self) -> Any: ...
    def scalar_one(self) -> Any: ...
    def scalar_one_or_none(self) -> Any: ...

Connectable = Engine
LegacyRow = Row
LegacyCursorResult = CursorResult
BaseCursorResult = CursorResult
RowProxy = Row
