"""passlib."""

__version__: str
