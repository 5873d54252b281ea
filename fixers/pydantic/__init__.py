"""Repairs of Pydantic v1 code."""
