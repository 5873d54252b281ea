"""IP addresses."""

from collections.abc import Iterator
from typing import Any

class _Base:
    compressed: str
    exploded: str
    reverse_pointer: str
    version: int
    is_global: bool
    is_link_local: bool
    is_loopback: bool
    is_multicast: bool
    is_private: bool
    is_reserved: bool
    is_unspecified: bool
    packed: bytes
    max_prefixlen: int
    def __int__(self) -> int: ...

class IPv4Address(_Base):
    def __init__(self, address: Any) -> None: ...

class IPv6Address(_Base):
    def __init__(self, address: Any) -> None: ...

class _Network(_Base):
    netmask: Any
    hostmask: Any
    network_address: Any
    broadcast_address: Any
    num_addresses: int
    prefixlen: int
    with_prefixlen: str
    def __init__(self, address: Any, strict: bool = ...) -> None: ...
    def hosts(self) -> Iterator[Any]: ...
    def overlaps(self, other: Any) -> bool: ...
    def subnets(self, prefixlen_diff: int = ..., new_prefix: int | None = ...) -> Iterator[Any]: ...
    def __contains__(self, other: Any) -> bool: ...
    def __iter__(self) -> Iterator[Any]: ...

class IPv4Network(_Network): ...
class IPv6Network(_Network): ...

class IPv4Interface(IPv4Address):
    ip: IPv4Address
    network: IPv4Network

class IPv6Interface(IPv6Address):
    ip: IPv6Address
    network: IPv6Network

def ip_address(address: Any) -> IPv4Address | IPv6Address: ...
def ip_interface(address: Any) -> IPv4Interface | IPv6Interface: ...
def ip_network(address: Any, strict: bool = ...) -> IPv4Network | IPv6Network: ...
