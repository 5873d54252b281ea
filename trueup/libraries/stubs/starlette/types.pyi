"""The types of ASGI."""

from typing import Any

ASGIApp: Any
ExceptionHandler: Any
HTTPExceptionHandler: Any
Lifespan: Any
Message: Any
Receive: Any
Scope: Any
Send: Any
StatefulLifespan: Any
StatelessLifespan: Any
WebSocketExceptionHandler: Any
