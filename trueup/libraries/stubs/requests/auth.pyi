"""Authentication."""

from typing import Any

class AuthBase: ...

class HTTPBasicAuth(AuthBase):
    def __init__(self, username: Any, password: Any) -> None: ...

class HTTPDigestAuth(AuthBase):
    def __init__(self, username: Any, password: Any) -> None: ...
