"""What an application says of its routes, and what it answers.

Runs in the environment of the application, without trueup:

    python routes.py FOLDER MODULE < REQUESTS     import MODULE, whose `app` it is; print JSON

REQUESTS is a list of [method, path, body or null]. The application is called through ASGI, as a server would.
As a plugin of pytest (`-p routes`, from its folder) it notes what a test client is answered, in `answers.json`.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

PASSING = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)
"""Times and UUIDs: no two runs have the same."""


def ask(folder: str, module: str, requests: list[list[Any]]) -> dict[str, Any]:
    """The schema of an application and its answers; changes `sys.path`, so it belongs in a process of its own."""
    sys.path.insert(0, folder)
    sys.dont_write_bytecode = True
    app = importlib.import_module(module).app
    return {"openapi": app.openapi(), "answers": asyncio.run(_all(app, requests))}


async def _all(app: Any, requests: list[list[Any]]) -> list[Any]:
    return [await _ask(app, *one) for one in requests]


async def _ask(app: Any, method: str, path: str, body: Any) -> Any:
    data = b"" if body is None else json.dumps(body).encode()
    headers = [(b"host", b"test"), (b"content-type", b"application/json"), (b"content-length", b"%d" % len(data))]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers, "root_path": "",
        "client": ("test", 1), "server": ("test", 80),
    }  # fmt: skip
    told: dict[str, Any] = {"status": 0, "headers": [], "body": ""}
    sent = [{"type": "http.request", "body": data, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if sent:
            return sent.pop()
        await asyncio.sleep(3600)
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            told["status"] = message["status"]
            told["headers"] = sorted([key.decode(), value.decode()] for key, value in message["headers"])
        else:
            told["body"] += message.get("body", b"").decode()

    try:
        await app(scope, receive, send)
    except Exception as error:  # noqa: BLE001  what a server would log
        told["error"] = f"{type(error).__name__}: {error}"
    told["body"] = PASSING.sub("PASSING", told["body"])
    return told


def answers(python: Path, folder: Path, module: str, requests: list[list[Any]]) -> dict[str, Any]:
    """The same in the environment of an interpreter."""
    command = [str(python), __file__, str(folder), module]
    done = subprocess.run(command, input=json.dumps(requests), text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


# A plugin of pytest --------------------------------------------------------------------------------------------------

_noted: list[Any] = []


def pytest_configure() -> None:
    """Note what each request of a test client is answered."""
    testing = importlib.import_module("starlette.testclient")
    request = testing.TestClient.request

    def noting(client: Any, method: str, url: Any, **rest: Any) -> Any:
        found = request(client, method, url, **rest)
        headers = sorted((key, value) for key, value in found.headers.items() if key != "content-length")
        _noted.append([method, str(url), found.status_code, headers, PASSING.sub("PASSING", found.text)])
        return found

    testing.TestClient.request = noting


def pytest_unconfigure() -> None:
    """Write what was noted."""
    Path("answers.json").write_text(json.dumps(_noted), "utf-8")


if __name__ == "__main__":
    print(json.dumps(ask(sys.argv[1], sys.argv[2], json.load(sys.stdin))))
