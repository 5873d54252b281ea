"""What dialects implement."""

from sqlalchemy import AdaptedConnection as AdaptedConnection
from sqlalchemy import Compiled as Compiled
from sqlalchemy import CreateEnginePlugin as CreateEnginePlugin
from sqlalchemy import Dialect as Dialect
from sqlalchemy import ExceptionContext as ExceptionContext
from sqlalchemy import ExecutionContext as ExecutionContext
