"""Elements of expressions."""

from sqlalchemy import and_ as and_
from sqlalchemy import BinaryExpression as BinaryExpression
from sqlalchemy import BindParameter as BindParameter
from sqlalchemy import BooleanClauseList as BooleanClauseList
from sqlalchemy import Case as Case
from sqlalchemy import Cast as Cast
from sqlalchemy import ClauseElement as ClauseElement
from sqlalchemy import ClauseList as ClauseList
from sqlalchemy import ColumnClause as ColumnClause
from sqlalchemy import ColumnElement as ColumnElement
from sqlalchemy import Extract as Extract
from sqlalchemy import False_ as False_
from sqlalchemy import Grouping as Grouping
from sqlalchemy import Label as Label
from sqlalchemy import Null as Null
from sqlalchemy import or_ as or_
from sqlalchemy import Over as Over
from sqlalchemy import quoted_name as quoted_name
from sqlalchemy import SQLColumnExpression as SQLColumnExpression
from sqlalchemy import TextClause as TextClause
from sqlalchemy import True_ as True_
from sqlalchemy import TryCast as TryCast
from sqlalchemy import Tuple as Tuple
from sqlalchemy import TypeCoerce as TypeCoerce
from sqlalchemy import UnaryExpression as UnaryExpression
from sqlalchemy import WithinGroup as WithinGroup
