"""Alembic: what migrations get their connections from."""

from alembic import op as op
