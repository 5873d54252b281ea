"""The handlers that are there from the start."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

async def http_exception_handler(request: Request, exc: Any) -> Response: ...
async def request_validation_exception_handler(request: Request, exc: Any) -> JSONResponse: ...
async def websocket_request_validation_exception_handler(websocket: Any, exc: Any) -> None: ...
