"""PyJWT."""

from typing import Any

from jwt.exceptions import DecodeError as DecodeError
from jwt.exceptions import ExpiredSignatureError as ExpiredSignatureError
from jwt.exceptions import ImmatureSignatureError as ImmatureSignatureError
from jwt.exceptions import InvalidAlgorithmError as InvalidAlgorithmError
from jwt.exceptions import InvalidAudienceError as InvalidAudienceError
from jwt.exceptions import InvalidIssuedAtError as InvalidIssuedAtError
from jwt.exceptions import InvalidIssuerError as InvalidIssuerError
from jwt.exceptions import InvalidKeyError as InvalidKeyError
from jwt.exceptions import InvalidSignatureError as InvalidSignatureError
from jwt.exceptions import InvalidTokenError as InvalidTokenError
from jwt.exceptions import MissingRequiredClaimError as MissingRequiredClaimError
from jwt.exceptions import PyJWKClientConnectionError as PyJWKClientConnectionError
from jwt.exceptions import PyJWKClientError as PyJWKClientError
from jwt.exceptions import PyJWKError as PyJWKError
from jwt.exceptions import PyJWKSetError as PyJWKSetError
from jwt.exceptions import PyJWTError as PyJWTError

class PyJWK:
    key: Any
    key_id: str | None
    algorithm_name: str

class PyJWKSet:
    keys: list[PyJWK]

class PyJWKClient:
    def __init__(self, uri: str, *args: Any, **kwargs: Any) -> None: ...
    def fetch_data(self) -> Any: ...
    def get_jwk_set(self, refresh: bool = ...) -> PyJWKSet: ...
    def get_signing_key(self, kid: str) -> PyJWK: ...
    def get_signing_key_from_jwt(self, token: str) -> PyJWK: ...
    def get_signing_keys(self, refresh: bool = ...) -> list[PyJWK]: ...

class PyJWT:
    def decode(self, jwt: Any, *args: Any, **kwargs: Any) -> dict[str, Any]: ...
    def encode(self, payload: Any, *args: Any, **kwargs: Any) -> str: ...

class PyJWS: ...

def decode(jwt: Any, *args: Any, **kwargs: Any) -> dict[str, Any]: ...
def decode_complete(jwt: Any, *args: Any, **kwargs: Any) -> dict[str, Any]: ...
def encode(payload: Any, *args: Any, **kwargs: Any) -> str: ...
def get_unverified_header(jwt: Any) -> dict[str, Any]: ...
