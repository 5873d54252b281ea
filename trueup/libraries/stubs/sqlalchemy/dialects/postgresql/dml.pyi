"""Inserts of PostgreSQL."""

from sqlalchemy.dialects.postgresql import Insert as Insert
from sqlalchemy.dialects.postgresql import insert as insert
