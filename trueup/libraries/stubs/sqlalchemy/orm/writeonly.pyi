"""Relationships that are never loaded."""

from sqlalchemy.orm import WriteOnlyCollection as WriteOnlyCollection
