"""Inserts of SQLite."""

from sqlalchemy.dialects.sqlite import Insert as Insert
from sqlalchemy.dialects.sqlite import insert as insert
