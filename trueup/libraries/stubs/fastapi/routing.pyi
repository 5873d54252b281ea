"""Routes."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter as APIRouter
from starlette.routing import BaseRoute as BaseRoute
from starlette.routing import Mount as Mount
from starlette.routing import Route as _Route
from starlette.routing import WebSocketRoute as _WebSocketRoute

class APIRoute(_Route):
    body_field: Any
    dependant: Any
    dependencies: list[Any]
    description: str
    operation_id: str | None
    response_class: Any
    response_field: Any
    response_model: Any
    responses: dict[Any, Any]
    status_code: int | None
    summary: str | None
    tags: list[Any]
    unique_id: str
    def __init__(self, path: str, endpoint: Callable[..., Any], **kwargs: Any) -> None: ...
    def get_route_handler(self) -> Any: ...

class APIWebSocketRoute(_WebSocketRoute): ...

def get_request_handler(*args: Any, **kwargs: Any) -> Any: ...
async def run_endpoint_function(*, dependant: Any, values: dict[str, Any], is_coroutine: bool) -> Any: ...
async def serialize_response(**kwargs: Any) -> Any: ...
