"""Processes that are awaited."""

from asyncio import StreamReader, StreamWriter
from typing import Any

PIPE: int
STDOUT: int
DEVNULL: int

class Process:
    pid: int
    returncode: int | None
    stdin: StreamWriter | None
    stdout: StreamReader | None
    stderr: StreamReader | None
    async def communicate(self, input: Any = ...) -> tuple[bytes, bytes]: ...
    def kill(self) -> None: ...
    def send_signal(self, signal: int) -> None: ...
    def terminate(self) -> None: ...
    async def wait(self) -> int: ...
