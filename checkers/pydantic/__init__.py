"""Rules on Pydantic v1 code."""
