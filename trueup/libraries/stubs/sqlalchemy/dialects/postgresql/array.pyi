"""Arrays of PostgreSQL."""

from sqlalchemy.dialects.postgresql import ARRAY as ARRAY
from sqlalchemy.dialects.postgresql import array as array
