"""UUIDs."""

from typing import Any

class SafeUUID: ...

class UUID:
    hex: str
    int: Any
    bytes: Any
    bytes_le: Any
    fields: tuple[Any, ...]
    urn: str
    variant: str
    version: Any
    is_safe: SafeUUID
    def __init__(
        self,
        hex: str | None = ...,
        bytes: Any = ...,
        bytes_le: Any = ...,
        fields: Any = ...,
        int: Any = ...,
        version: Any = ...,
        *,
        is_safe: Any = ...,
    ) -> None: ...

NAMESPACE_DNS: UUID
NAMESPACE_URL: UUID
NAMESPACE_OID: UUID
NAMESPACE_X500: UUID

def getnode() -> int: ...
def uuid1(node: int | None = ..., clock_seq: int | None = ...) -> UUID: ...
def uuid3(namespace: UUID, name: str) -> UUID: ...
def uuid4() -> UUID: ...
def uuid5(namespace: UUID, name: str) -> UUID: ...
def uuid6(node: int | None = ..., clock_seq: int | None = ...) -> UUID: ...
def uuid7() -> UUID: ...
def uuid8(a: int | None = ..., b: int | None = ..., c: int | None = ...) -> UUID: ...
