"""SQLite."""

from typing import Any, Self

from sqlalchemy import JSON as _JSON
from sqlalchemy import Date as _Date
from sqlalchemy import DateTime as _DateTime
from sqlalchemy import Insert as _Insert
from sqlalchemy import Time as _Time
from sqlalchemy import BLOB as BLOB
from sqlalchemy import BOOLEAN as BOOLEAN
from sqlalchemy import CHAR as CHAR
from sqlalchemy import DECIMAL as DECIMAL
from sqlalchemy import FLOAT as FLOAT
from sqlalchemy import INTEGER as INTEGER
from sqlalchemy import NUMERIC as NUMERIC
from sqlalchemy import REAL as REAL
from sqlalchemy import SMALLINT as SMALLINT
from sqlalchemy import TEXT as TEXT
from sqlalchemy import TIMESTAMP as TIMESTAMP
from sqlalchemy import VARCHAR as VARCHAR

class DATE(_Date): ...
class DATETIME(_DateTime): ...
class JSON(_JSON): ...
class JSONB(JSON): ...
class TIME(_Time): ...

class Insert(_Insert):
    excluded: Any
    def on_conflict_do_nothing(self, index_elements: Any = ..., index_where: Any = ...) -> Self: ...
    def on_conflict_do_update(self, index_elements: Any = ..., **kwargs: Any) -> Self: ...

def insert(table: Any, *args: Any, **kwargs: Any) -> Insert: ...
