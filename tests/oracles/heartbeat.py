"""How long each route of an application keeps the event loop from doing anything else.

Runs in the environment of the application, without trueup:

    python heartbeat.py FOLDER     ask every route of `main.app`, print JSON: path -> seconds, status and body

A task on the same loop wakes every 5 ms; the longest time between two of its beats, while a request is under way, is
what the request took from all others. The application is called through ASGI as a server would do it, in this process.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

BEAT = 0.005
LONG = 0.2
"""Seconds. A longer pause is measured twice, and the shorter of the two counts: the machine may have been busy."""


def run(folder: str) -> dict[str, tuple[float, int, str]]:
    """Ask the routes of the application in a folder; changes `sys.path`, so it belongs in a process of its own."""
    sys.path.insert(0, folder)
    sys.dont_write_bytecode = True
    app = importlib.import_module("main").app
    return asyncio.run(_all(app))


async def _all(app: Any) -> dict[str, tuple[float, int, str]]:
    found = {}
    for path in sorted(app.openapi()["paths"]):
        method = "POST" if "post" in app.openapi()["paths"][path] else "GET"
        pause, status, answer = await _pause(app, method, path)
        if pause > LONG:
            pause = min(pause, (await _pause(app, method, path))[0])
        found[path] = (pause, status, answer)
    return found


async def _pause(app: Any, method: str, path: str) -> tuple[float, int, str]:
    loop = asyncio.get_running_loop()
    beats = [loop.time()]

    async def beat() -> None:
        while True:
            await asyncio.sleep(BEAT)
            beats.append(loop.time())

    heart = asyncio.create_task(beat())
    await asyncio.sleep(BEAT * 3)
    status, answer = await _ask(app, method, path)
    await asyncio.sleep(BEAT * 3)
    heart.cancel()
    return max(later - earlier for earlier, later in pairwise(beats)), status, answer


async def _ask(app: Any, method: str, path: str) -> tuple[int, str]:
    """One request with `{"name": "x"}` as its body, answered to the end: the status, and the body as text."""
    sent = asyncio.Event()
    status: list[int] = []
    parts: list[bytes] = []
    body = [{"type": "http.request", "body": b'{"name": "x"}', "more_body": False}]

    async def receive() -> dict[str, Any]:
        if body:
            return body.pop()
        await sent.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            status.append(message["status"])
        parts.append(message.get("body", b""))
        if message["type"] == "http.response.body" and not message.get("more_body"):
            sent.set()

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "client": ("127.0.0.1", 1), "server": ("test", 80),
        "headers": [(b"host", b"test"), (b"content-type", b"application/json"), (b"content-length", b"13")],
    }  # fmt: skip
    await app(scope, receive, send)
    return status[0], b"".join(parts).decode()


class Measured(NamedTuple):
    """What one route did."""

    pause: float
    """The longest time, in seconds, in which nothing else could run."""
    status: int
    answer: str

    @property
    def blocks(self) -> bool:
        """Whether others had to wait for it."""
        return self.pause > LONG


def heartbeat(python: Path, folder: Path) -> dict[str, Measured]:
    """Path -> what its route did, measured by another Python."""
    done = subprocess.run([str(python), __file__, str(folder)], capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr
    return {path: Measured(*one) for path, one in json.loads(done.stdout).items()}


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1])))
