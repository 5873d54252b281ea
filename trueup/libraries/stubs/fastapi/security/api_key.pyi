"""Keys."""

from fastapi.security import APIKeyCookie as APIKeyCookie
from fastapi.security import APIKeyHeader as APIKeyHeader
from fastapi.security import APIKeyQuery as APIKeyQuery
from fastapi.security.base import SecurityBase as _SecurityBase

class APIKeyBase(_SecurityBase): ...
