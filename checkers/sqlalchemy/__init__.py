"""Rules on SQLAlchemy 1.x code."""
