"""Waiting until something is so."""

from typing import Any

class Waiter:
    name: str
    def wait(self, **kwargs: Any) -> None: ...
