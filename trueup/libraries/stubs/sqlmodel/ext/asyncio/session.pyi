"""Sessions that are awaited."""

from typing import Any, TypeVar, overload

from sqlalchemy import CursorResult as _CursorResult
from sqlalchemy import ScalarResult as _ScalarResult
from sqlalchemy import Select as _Select
from sqlalchemy.engine import TupleResult as _TupleResult
from sqlalchemy import UpdateBase as _UpdateBase
from sqlalchemy.ext.asyncio import AsyncSession as _AsyncSession
from sqlmodel import Session as _Session
from sqlmodel.sql.expression import SelectOfScalar as _SelectOfScalar

_T = TypeVar("_T")
_RowT = TypeVar("_RowT")
_FirstT = TypeVar("_FirstT")

class AsyncSession(_AsyncSession):
    sync_session: _Session
    @overload
    async def exec(self, statement: _SelectOfScalar[_T], **kwargs: Any) -> _ScalarResult[_T]: ...
    @overload
    async def exec(self, statement: _Select[_RowT, _FirstT], **kwargs: Any) -> _TupleResult[_RowT]: ...
    @overload
    async def exec(self, statement: _UpdateBase, **kwargs: Any) -> _CursorResult[Any, Any]: ...
    @overload
    async def exec(self, statement: Any, **kwargs: Any) -> Any: ...
