"""How long each route of an application keeps the event loop from doing anything else.

Runs in the environment of the application, without trueup:

    python heartbeat.py FOLDER     ask every route of `main.app`, print JSON: path -> seconds

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
from typing import Any

BEAT = 0.005
LONG = 0.2
"""Seconds. A longer pause is measured twice, and the shorter of the two counts: the machine may have been busy."""


def run(folder: str) -> dict[str, float]:
    """Ask the routes of the application in a folder; changes `sys.path`, so it belongs in a process of its own."""
    sys.path.insert(0, folder)
    sys.dont_write_bytecode = True
    app = importlib.import_module("main").app
    return asyncio.run(_all(app))


async def _all(app: Any) -> dict[str, float]:
    found = {}
    for path in sorted(app.openapi()["paths"]):
        method = "POST" if "post" in app.openapi()["paths"][path] else "GET"
        pause = await _pause(app, method, path)
        if pause > LONG:
            pause = min(pause, await _pause(app, method, path))
        found[path] = pause
    return found


async def _pause(app: Any, method: str, path: str) -> float:
    loop = asyncio.get_running_loop()
    beats = [loop.time()]

    async def beat() -> None:
        while True:
            await asyncio.sleep(BEAT)
            beats.append(loop.time())

    heart = asyncio.create_task(beat())
    await asyncio.sleep(BEAT * 3)
    await _ask(app, method, path)
    await asyncio.sleep(BEAT * 3)
    heart.cancel()
    return max(later - earlier for earlier, later in pairwise(beats))


async def _ask(app: Any, method: str, path: str) -> None:
    """One request with `{"name": "x"}` as its body, answered to the end."""
    sent = asyncio.Event()
    body = [{"type": "http.request", "body": b'{"name": "x"}', "more_body": False}]

    async def receive() -> dict[str, Any]:
        if body:
            return body.pop()
        await sent.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.body" and not message.get("more_body"):
            sent.set()

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "client": ("127.0.0.1", 1), "server": ("test", 80),
        "headers": [(b"host", b"test"), (b"content-type", b"application/json"), (b"content-length", b"13")],
    }  # fmt: skip
    await app(scope, receive, send)


def heartbeat(python: Path, folder: Path) -> dict[str, float]:
    """Path -> the longest pause of the loop in seconds, measured by another Python."""
    done = subprocess.run([str(python), __file__, str(folder)], capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr
    found: dict[str, float] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1])))
