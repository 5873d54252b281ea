"""Ranges of PostgreSQL."""

from sqlalchemy.dialects.postgresql import AbstractRange as AbstractRange
from sqlalchemy.dialects.postgresql import DATEMULTIRANGE as DATEMULTIRANGE
from sqlalchemy.dialects.postgresql import DATERANGE as DATERANGE
from sqlalchemy.dialects.postgresql import INT4MULTIRANGE as INT4MULTIRANGE
from sqlalchemy.dialects.postgresql import INT4RANGE as INT4RANGE
from sqlalchemy.dialects.postgresql import INT8MULTIRANGE as INT8MULTIRANGE
from sqlalchemy.dialects.postgresql import INT8RANGE as INT8RANGE
from sqlalchemy.dialects.postgresql import MultiRange as MultiRange
from sqlalchemy.dialects.postgresql import NUMMULTIRANGE as NUMMULTIRANGE
from sqlalchemy.dialects.postgresql import NUMRANGE as NUMRANGE
from sqlalchemy.dialects.postgresql import Range as Range
from sqlalchemy.dialects.postgresql import TSMULTIRANGE as TSMULTIRANGE
from sqlalchemy.dialects.postgresql import TSRANGE as TSRANGE
from sqlalchemy.dialects.postgresql import TSTZMULTIRANGE as TSTZMULTIRANGE
from sqlalchemy.dialects.postgresql import TSTZRANGE as TSTZRANGE
