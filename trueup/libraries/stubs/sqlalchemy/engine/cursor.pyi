"""Results of statements."""

from sqlalchemy import CursorResult as CursorResult
from sqlalchemy import ResultProxy as ResultProxy
