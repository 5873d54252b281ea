"""Selects."""

from typing import Generic, TypeVar

from sqlalchemy import Executable as _Executable
from sqlalchemy import Alias as Alias
from sqlalchemy import AliasedReturnsRows as AliasedReturnsRows
from sqlalchemy import CompoundSelect as CompoundSelect
from sqlalchemy import CTE as CTE
from sqlalchemy import Exists as Exists
from sqlalchemy import FromClause as FromClause
from sqlalchemy import GenerativeSelect as GenerativeSelect
from sqlalchemy import Join as Join
from sqlalchemy import Lateral as Lateral
from sqlalchemy import ReturnsRows as ReturnsRows
from sqlalchemy import ScalarSelect as ScalarSelect
from sqlalchemy import Select as Select
from sqlalchemy import Selectable as Selectable
from sqlalchemy import SelectBase as SelectBase
from sqlalchemy import Subquery as Subquery
from sqlalchemy import TableClause as TableClause
from sqlalchemy import TableSample as TableSample
from sqlalchemy import TextualSelect as TextualSelect
from sqlalchemy import Values as Values

_RowT = TypeVar("_RowT")
_FirstT = TypeVar("_FirstT")

class TypedReturnsRows(_Executable, ReturnsRows, Generic[_RowT, _FirstT]): ...
