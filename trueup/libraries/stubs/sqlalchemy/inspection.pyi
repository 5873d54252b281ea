"""Asking objects about themselves."""

from sqlalchemy import inspect as inspect
