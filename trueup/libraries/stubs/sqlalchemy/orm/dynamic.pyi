"""Relationships that are queries."""

from sqlalchemy.orm import AppenderQuery as AppenderQuery
