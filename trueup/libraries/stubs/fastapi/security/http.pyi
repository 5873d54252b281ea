"""HTTP authentication."""

from typing import Any

from fastapi.security import HTTPAuthorizationCredentials as HTTPAuthorizationCredentials
from fastapi.security import HTTPBasic as HTTPBasic
from fastapi.security import HTTPBasicCredentials as HTTPBasicCredentials
from fastapi.security import HTTPBearer as HTTPBearer
from fastapi.security import HTTPDigest as HTTPDigest
from fastapi.security.base import SecurityBase as _SecurityBase

class HTTPBase(_SecurityBase):
    def __init__(self, **kwargs: Any) -> None: ...
    async def __call__(self, request: Any) -> HTTPAuthorizationCredentials | None: ...
