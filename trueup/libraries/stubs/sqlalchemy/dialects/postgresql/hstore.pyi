"""Key-value pairs of PostgreSQL."""

from sqlalchemy.dialects.postgresql import HSTORE as HSTORE
from sqlalchemy.dialects.postgresql import hstore as hstore
