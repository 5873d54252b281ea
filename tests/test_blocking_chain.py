"""What a finding about a blocking call says: the way to it, file and line each, and who else comes to it."""

from __future__ import annotations

from pathlib import Path

from trueup.check import Workspace
from trueup.model import Finding, Safety, Severity
from trueup.registry import load_checkers

FILES = {
    "main.py": """\
from fastapi import FastAPI
from service import Rates

app = FastAPI()
rates = Rates()


@app.get("/a")
async def first():
    return await rates.get("a")


@app.get("/b")
async def second():
    return await rates.get("b")


@app.on_event("startup")
def start():
    rates.client.fetch("c")
    rates.client.ping()
""",
    "service.py": """\
from client import Client


class Rates:
    def __init__(self) -> None:
        self.client = Client()

    async def get(self, name: str):
        return self.client.fetch(name)
""",
    "client.py": """\
import subprocess

import requests


class Client:
    def fetch(self, name: str):
        return self._get(name)

    def _get(self, name: str):
        return requests.get(name).json()

    def ping(self) -> None:
        subprocess.run(["ping"])
""",
}


def find(folder: Path, config: str = "") -> list[Finding]:
    (folder / "pyproject.toml").write_text(config)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    workspace = Workspace.open([str(folder)])
    workspace.use([checker for checker in load_checkers() if checker.rule.code == "TUA101"])
    return workspace.check()


def named(path: str) -> str:
    return Path(path).name


def test_one_finding_for_each_blocking_call_with_the_way_to_it(tmp_path: Path) -> None:
    at_start, one = find(tmp_path)
    assert (named(one.path), one.span.line, one.severity) == ("service.py", 9, Severity.WARNING)
    assert "async route `first` → `Rates.get` → `Client.fetch` → `Client._get` → `requests.get` (" in one.message
    assert "client.py:11), and 2 more come to it; use `httpx.AsyncClient`" in one.message
    related = [(named(place.path), place.line, place.message) for place in one.related]
    assert related == [
        ("main.py", 10, "first → Rates.get"),
        ("service.py", 9, "get → Client.fetch"),
        ("client.py", 8, "fetch → Client._get"),
        ("client.py", 11, "_get → requests.get"),
        ("main.py", 14, "second comes to it too"),
        ("main.py", 19, "start comes to it too"),
    ]
    assert (named(at_start.path), at_start.span.line) == ("main.py", 21)
    assert (at_start.severity, at_start.safety) == (Severity.ADVICE, Safety.MANUAL)


def test_calls_are_added_and_taken_away(tmp_path: Path) -> None:
    config = (
        '[tool.trueup]\nnon-blocking = ["requests.*", "subprocess.run"]\nblocking = ["client.Client._get -> `aget`"]\n'
    )
    [one] = find(tmp_path, config)
    assert "`client.Client._get` blocks the event loop" in one.message
    assert one.message.endswith("use `aget`")
