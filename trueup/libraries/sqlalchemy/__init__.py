"""What SQLAlchemy means: which classes it maps, what a column says, and the Python type of an SQL type."""
