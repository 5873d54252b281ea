"""Results."""

from sqlalchemy import ChunkedIteratorResult as ChunkedIteratorResult
from sqlalchemy.engine import FilterResult as FilterResult
from sqlalchemy import FrozenResult as FrozenResult
from sqlalchemy import IteratorResult as IteratorResult
from sqlalchemy import MappingResult as MappingResult
from sqlalchemy import MergedResult as MergedResult
from sqlalchemy import Result as Result
from sqlalchemy import Row as Row
from sqlalchemy import RowMapping as RowMapping
from sqlalchemy import ScalarResult as ScalarResult
from sqlalchemy.engine import TupleResult as TupleResult

