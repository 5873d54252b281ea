"""Repairs of how FastAPI is used."""
