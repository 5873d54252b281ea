"""The OpenAPI schema."""

from typing import Any

def get_openapi(*, title: str, version: str, routes: Any, **kwargs: Any) -> dict[str, Any]: ...
