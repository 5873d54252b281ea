"""Adapters."""

from typing import Any

class BaseAdapter: ...

class HTTPAdapter(BaseAdapter):
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
