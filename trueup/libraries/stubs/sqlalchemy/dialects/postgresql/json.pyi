"""JSON of PostgreSQL."""

from sqlalchemy.dialects.postgresql import JSON as JSON
from sqlalchemy.dialects.postgresql import JSONB as JSONB
from sqlalchemy.dialects.postgresql import JSONPATH as JSONPATH
