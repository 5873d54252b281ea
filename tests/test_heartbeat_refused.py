"""What stands in the way of a plain `def` does: routes that are made one all the same break, or answer otherwise."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from trueup.check import Workspace
from trueup.config import CliOptions, Configs
from trueup.model import Safety

from .oracles.heartbeat import heartbeat

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from environments import environment  # noqa: E402

CURRENT = ROOT / "fixtures" / "apps" / "legacy_shop" / "requirements-current.txt"
MAIN = """\
import asyncio
import socket
import sqlite3
from contextvars import ContextVar
from functools import wraps

from fastapi import FastAPI

app = FastAPI()
current = ContextVar("current", default="nobody")
memory = sqlite3.connect(":memory:")


async def notify():
    pass


def schedule():
    asyncio.get_running_loop().create_task(notify())


def awaiting(handler):
    @wraps(handler)
    async def wrapper():
        return await handler()

    return wrapper


def remember(name):
    current.set(name)


@app.get("/task")
async def task():
    socket.getaddrinfo("localhost", 80)
    asyncio.create_task(notify())


@app.get("/helper")
async def helper():
    socket.getaddrinfo("localhost", 80)
    schedule()


@app.get("/decorated")
@awaiting
async def decorated():
    socket.getaddrinfo("localhost", 80)
    return 1


@app.get("/sqlite")
async def in_memory():
    socket.getaddrinfo("localhost", 80)
    return memory.execute("select 1").fetchone()[0]


async def shared():
    remember("me")
    socket.getaddrinfo("localhost", 80)
    return 1


@app.get("/calling")
async def calling():
    return await shared()


@app.get("/plain")
async def plain():
    socket.getaddrinfo("localhost", 80)
    return 1
"""
COUNT = """\
import asyncio
import time

from fastapi import FastAPI
from fastapi.routing import APIRoute

app = FastAPI()
seen = {"n": 0}


@app.get("/count")
async def count():
    before = seen["n"]
    time.sleep(0.001)
    seen["n"] = before + 1


@app.get("/many")
async def many():
    seen["n"] = 0
    route = next(one for one in app.routes if isinstance(one, APIRoute) and one.path == "/count")

    async def ask():
        async def receive():
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message):
            pass

        scope = {"type": "http", "method": "GET", "path": "/count", "headers": [], "query_string": b"",
                 "root_path": "", "http_version": "1.1", "scheme": "http", "app": app}
        await app(scope, receive, send)

    await asyncio.gather(*[ask() for _ in range(100)])
    return seen["n"]
"""


def verdicts(folder: Path) -> dict[str, tuple[str, str]]:
    """Function -> whether it can be a plain `def`, and why not."""
    configs = Configs.load([str(folder)], CliOptions(select=("TUA101", "TUA103")), cwd=str(folder))
    found = Workspace.open([str(folder)], configs).check()
    return {
        one.symbol: (str(one.safety) if one.clue in (None, "def") else str(Safety.MANUAL), one.message + one.why)
        for one in sorted(found, key=lambda one: one.code)
    }


@pytest.mark.slow
def test_what_is_refused_would_break(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "main.py").write_text(MAIN)
    told = {name: safety for name, (safety, _) in verdicts(tmp_path).items()}
    routes = {"task": "manual", "helper": "manual", "decorated": "manual", "in_memory": "unsafe", "shared": "manual"}
    assert {name: told[name] for name in routes} == routes
    assert told["plain"] == "safe"

    python = environment(CURRENT)
    paths = ["/task", "/helper", "/decorated", "/sqlite", "/calling", "/plain"]
    assert answered(python, tmp_path, paths) == paths
    text = MAIN
    for name in told:
        text = text.replace(f"async def {name}(", f"def {name}(")
    (tmp_path / "main.py").write_text(text)
    assert answered(python, tmp_path, paths) == ["/plain"]


def answered(python: Path, folder: Path, paths: list[str]) -> list[str]:
    """The paths that an application answers without an error."""
    code = dedent(f"""
        import asyncio
        from httpx2 import ASGITransport, AsyncClient
        from main import app

        async def ask():
            transport = ASGITransport(app, raise_app_exceptions=False)
            async with AsyncClient(transport=transport, base_url="http://test") as client:
                return [path for path in {paths} if (await client.get(path)).status_code == 200]

        print(*asyncio.run(ask()))
    """)
    done = subprocess.run([str(python), "-B", "-c", code], capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.slow
def test_what_requests_share_is_lost_in_threads(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "main.py").write_text(COUNT)
    python = environment(CURRENT)
    assert heartbeat(python, tmp_path)["/many"].answer == "100"
    (tmp_path / "main.py").write_text(COUNT.replace("async def count(", "def count("))
    assert int(heartbeat(python, tmp_path)["/many"].answer) < 100

    (tmp_path / "main.py").write_text(COUNT.replace("time.sleep(0.001)", "input()"))
    safety, why = verdicts(tmp_path)["count"]
    assert safety == "unsafe"
    assert 'it changes `seen["n"]`' in why
