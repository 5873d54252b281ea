"""HTTP."""

from enum import IntEnum, StrEnum

class HTTPStatus(IntEnum):
    phrase: str
    description: str

class HTTPMethod(StrEnum):
    description: str
