"""Rules about what is around a FastAPI backend, where ruff does not see it: clocks."""
