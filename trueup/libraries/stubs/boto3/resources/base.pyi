"""Resources; their methods are made from the services' descriptions."""

from typing import Any

class ServiceResource:
    meta: Any
    def __getattr__(self, name: str) -> Any: ...
