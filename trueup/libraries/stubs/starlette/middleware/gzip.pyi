"""`GZipMiddleware`."""

from typing import Any

class GZipMiddleware:
    app: Any
    def __init__(self, app: Any, *args: Any, **kwargs: Any) -> None: ...
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...
