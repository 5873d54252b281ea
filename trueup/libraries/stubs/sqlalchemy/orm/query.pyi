"""Queries."""

from sqlalchemy.orm import aliased as aliased
from sqlalchemy.orm import Query as Query
from sqlalchemy.orm import QueryContext as QueryContext
