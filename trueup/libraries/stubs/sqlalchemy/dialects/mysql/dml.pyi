"""Inserts of MySQL."""

from sqlalchemy.dialects.mysql import Insert as Insert
from sqlalchemy.dialects.mysql import insert as insert
