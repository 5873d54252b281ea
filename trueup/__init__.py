"""trueup: a linter and codemod for FastAPI, Pydantic v2 and SQLAlchemy 2 backends."""

__version__ = "0.1.0"
