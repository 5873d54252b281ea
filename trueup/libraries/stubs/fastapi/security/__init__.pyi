"""Credentials, as dependencies that give what the request carries."""

from typing import Any

from fastapi.security.api_key import APIKeyBase as _APIKeyBase
from fastapi.security.base import SecurityBase as _SecurityBase
from fastapi.security.http import HTTPBase as _HTTPBase
from pydantic import BaseModel as _BaseModel

class HTTPBasicCredentials(_BaseModel):
    username: str
    password: str

class HTTPAuthorizationCredentials(_BaseModel):
    scheme: str
    credentials: str

class HTTPBasic(_HTTPBase):
    async def __call__(self, request: Any) -> HTTPBasicCredentials | None: ...

class HTTPBearer(_HTTPBase): ...
class HTTPDigest(_HTTPBase): ...

class APIKeyQuery(_APIKeyBase):
    def __init__(self, *, name: str, **kwargs: Any) -> None: ...
    async def __call__(self, request: Any) -> str | None: ...

class APIKeyHeader(_APIKeyBase):
    def __init__(self, *, name: str, **kwargs: Any) -> None: ...
    async def __call__(self, request: Any) -> str | None: ...

class APIKeyCookie(_APIKeyBase):
    def __init__(self, *, name: str, **kwargs: Any) -> None: ...
    async def __call__(self, request: Any) -> str | None: ...

class OAuth2(_SecurityBase):
    def __init__(self, **kwargs: Any) -> None: ...
    async def __call__(self, request: Any) -> str | None: ...

class OAuth2PasswordBearer(OAuth2):
    def __init__(self, tokenUrl: str, **kwargs: Any) -> None: ...

class OAuth2AuthorizationCodeBearer(OAuth2):
    def __init__(self, authorizationUrl: str, tokenUrl: str, **kwargs: Any) -> None: ...

class OpenIdConnect(_SecurityBase):
    def __init__(self, *, openIdConnectUrl: str, **kwargs: Any) -> None: ...
    async def __call__(self, request: Any) -> str | None: ...

class OAuth2PasswordRequestForm:
    grant_type: str | None
    username: str
    password: str
    scopes: list[str]
    client_id: str | None
    client_secret: str | None
    def __init__(self, **kwargs: Any) -> None: ...

class OAuth2PasswordRequestFormStrict(OAuth2PasswordRequestForm): ...

class SecurityScopes:
    scopes: list[str]
    scope_str: str
    def __init__(self, scopes: Any = ...) -> None: ...
