"""The dialect that others inherit from."""

from sqlalchemy import Dialect as Dialect
from sqlalchemy import ExecutionContext as _ExecutionContext

class DefaultDialect(Dialect): ...
class DefaultExecutionContext(_ExecutionContext): ...
