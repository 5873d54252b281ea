"""Middleware that sees a request and its response."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

DispatchFunction: Any
RequestResponseEndpoint: Any

class BaseHTTPMiddleware:
    app: Any
    dispatch_func: Any
    def __init__(self, app: Any, dispatch: Any = ...) -> None: ...
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...
    async def dispatch(self, request: Request, call_next: Any) -> Response: ...
