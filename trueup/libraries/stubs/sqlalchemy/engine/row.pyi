"""Rows."""

from sqlalchemy import Row as Row
from sqlalchemy import RowMapping as RowMapping

LegacyRow = Row
