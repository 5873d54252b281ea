"""Reflection."""

from sqlalchemy import Inspector as Inspector
