"""Requests."""

from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from starlette.datastructures import URL, Address, FormData, Headers, QueryParams, State

class ClientDisconnect(Exception): ...

class HTTPConnection(Mapping[str, Any]):
    app: Any
    auth: Any
    base_url: URL
    client: Address | None
    cookies: dict[str, str]
    headers: Headers
    path_params: dict[str, Any]
    query_params: QueryParams
    scope: Any
    session: dict[str, Any]
    state: State
    url: URL
    user: Any
    def __init__(self, scope: Any, receive: Any = ...) -> None: ...
    def url_for(self, name: str, /, **path_params: Any) -> URL: ...

class _Form(AbstractAsyncContextManager[FormData]):
    def __await__(self) -> Generator[Any, Any, FormData]: ...

class Request(HTTPConnection):
    method: str
    receive: Any
    def __init__(self, scope: Any, receive: Any = ..., send: Any = ...) -> None: ...
    async def body(self) -> bytes: ...
    async def close(self) -> None: ...
    def form(self, **kwargs: Any) -> _Form: ...
    async def is_disconnected(self) -> bool: ...
    async def json(self) -> Any: ...
    async def send_push_promise(self, path: str) -> None: ...
    def stream(self) -> AsyncGenerator[bytes, None]: ...
