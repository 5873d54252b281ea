"""Responses."""

from typing import Any

from starlette.background import BackgroundTask
from starlette.datastructures import MutableHeaders

AsyncContentStream: Any
Content: Any
ContentStream: Any
SyncContentStream: Any

class Response:
    background: BackgroundTask | None
    body: bytes
    charset: str
    headers: MutableHeaders
    media_type: str | None
    raw_headers: list[tuple[bytes, bytes]]
    status_code: int
    def __init__(
        self,
        content: Any = ...,
        status_code: int = ...,
        headers: Any = ...,
        media_type: str | None = ...,
        background: BackgroundTask | None = ...,
    ) -> None: ...
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...
    def delete_cookie(self, key: str, *args: Any, **kwargs: Any) -> None: ...
    def init_headers(self, headers: Any = ...) -> None: ...
    def render(self, content: Any) -> bytes: ...
    def set_cookie(self, key: str, value: str = ..., *args: Any, **kwargs: Any) -> None: ...

class HTMLResponse(Response): ...
class PlainTextResponse(Response): ...
class JSONResponse(Response): ...

class RedirectResponse(Response):
    def __init__(self, url: Any, status_code: int = ..., headers: Any = ..., background: Any = ...) -> None: ...

class StreamingResponse(Response):
    body_iterator: Any
    async def listen_for_disconnect(self, receive: Any) -> None: ...
    async def stream_response(self, send: Any) -> None: ...

class FileResponse(Response):
    chunk_size: int
    path: Any
    def __init__(self, path: Any, status_code: int = ..., headers: Any = ..., **kwargs: Any) -> None: ...
    def set_stat_headers(self, stat_result: Any) -> None: ...
