"""Repairs of SQLAlchemy 1.x code."""
