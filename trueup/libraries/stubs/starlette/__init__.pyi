"""Starlette."""

__version__: str
