"""The mypy plugin; nothing to call."""
