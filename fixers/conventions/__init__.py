"""Repairs of what is around a FastAPI backend."""
