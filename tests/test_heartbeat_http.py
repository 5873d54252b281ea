"""Routes that ask another server: repaired in each of the three ways they block nobody, and answer the same."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from trueup.check import Workspace
from trueup.config import CliOptions, Configs
from trueup.fix import fix_project

from .oracles.heartbeat import heartbeat

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from environments import environment  # noqa: E402

CURRENT = ROOT / "fixtures" / "apps" / "legacy_shop" / "requirements-current.txt"
PAUSE = 0.4
MAIN = """\
import requests
from fastapi import FastAPI, HTTPException
from requests.exceptions import RequestException

app = FastAPI()
URL = "http://127.0.0.1:{port}"


@app.get("/json")
async def query():
    return requests.get(f"{URL}/echo", params={"a": 1, "b": "x y", "c": ["1", "2"]}, timeout=5).json()


@app.get("/sent")
async def sent():
    answer = requests.post(URL + "/echo", json={"a": [1, None]}, headers={"x-a": "b"})
    if not answer.ok:
        raise HTTPException(502)
    return [answer.status_code, answer.ok, answer.reason, answer.url, answer.headers["X-Back"], answer.json()]


@app.get("/form")
async def form():
    return requests.post(f"{URL}/echo", {"a": "1", "b": "x&y"}).json()


@app.get("/raw")
async def raw():
    return requests.put(f"{URL}/echo", data=b"x", auth=("me", "secret")).text


@app.get("/deleted")
async def deleted():
    return requests.delete(f"{URL}/echo", json={"a": 1}).json()


@app.get("/redirected")
async def redirected():
    answer = requests.get(f"{URL}/moved")
    return answer.url, answer.status_code, answer.content


@app.get("/not-redirected")
async def not_redirected():
    return requests.request("GET", f"{URL}/moved", allow_redirects=False).status_code, requests.__name__


@app.get("/head")
async def head():
    answer = requests.head(f"{URL}/moved")
    return answer.status_code, answer.headers["location"]


@app.get("/missing")
async def missing():
    try:
        answer = requests.get(f"{URL}/missing")
        answer.raise_for_status()
    except requests.HTTPError as error:
        return error.response.status_code, error.response.ok


@app.get("/late")
async def late():
    try:
        requests.get(f"{URL}/echo", timeout=0.3)
    except (KeyError, requests.Timeout):
        return "late"


@app.get("/dropped")
async def dropped():
    try:
        return requests.get(f"{URL}/drop").text
    except requests.Timeout:
        return "late"
    except requests.exceptions.ConnectionError:
        return "dropped"


@app.get("/refused")
async def refused():
    try:
        return requests.get("http://127.0.0.1:1").text
    except requests.ConnectionError:
        return "refused"


@app.get("/not-json")
async def not_json():
    try:
        return requests.get(f"{URL}/text").json()
    except RequestException:
        return "no JSON"


@app.get("/invalid")
async def invalid():
    try:
        return requests.get("http://[").text
    except RequestException:
        return "invalid"


@app.get("/session")
async def session():
    with requests.Session() as asking:
        first = asking.get(f"{URL}/cookie")
        second = asking.post(first.url, data="x").json()
        return second, asking.head(f"{URL}/moved").status_code


@app.get("/pages")
async def pages():
    found = []
    for number in range(2):
        # one after the other
        found.append(requests.get(f"{URL}/echo", params={"page": number}).json()["query"])
    return found
"""
QUICK = ("/refused", "/invalid")


class Server(BaseHTTPRequestHandler):
    """Takes its time, and says what it was asked."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        time.sleep(PAUSE)
        path, _, query = self.path.partition("?")
        if path == "/drop":
            self.close_connection = True
            return
        kind = (self.headers.get("content-type") or "").partition(";")[0]
        told = {
            "method": self.command,
            "query": query,
            "kind": kind,
            "body": json.loads(body) if kind == "application/json" else body.decode(),
            "x-a": self.headers.get("x-a"),
            "authorization": self.headers.get("authorization"),
            "cookie": self.headers.get("cookie"),
        }
        data = b"text" if path == "/text" else json.dumps(told).encode()
        self.send_response({"/moved": 302, "/missing": 404}.get(path, 200))
        if path == "/moved":
            self.send_header("location", "/echo")
        if path == "/cookie":
            self.send_header("set-cookie", "a=b")
        self.send_header("x-back", "yes")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a server that is slow."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.mark.slow
@pytest.mark.parametrize("prefer", ["def", "threadpool", "async"])
def test_what_was_repaired_blocks_nobody_and_answers_the_same(tmp_path: Path, port: int, prefer: str) -> None:
    main = tmp_path / "main.py"
    main.write_text(MAIN.replace("{port}", str(port)))
    (tmp_path / "pyproject.toml").write_text(
        f'[tool.trueup]\nasync.prefer-fix = "{prefer}"\nasync.http-client = "httpx2"\n'
    )
    python = environment(CURRENT)
    before = heartbeat(python, tmp_path)
    assert {path for path, one in before.items() if not one.blocks} == set(QUICK)

    configs = Configs.load([str(tmp_path)], CliOptions(select=("TUA101",)), cwd=str(tmp_path))
    workspace = Workspace.open([str(tmp_path)], configs)
    run = fix_project(workspace, lambda finding: finding.fixable)
    assert (run.failed, run.left) == ([], [])
    for path in run.changed:
        assert workspace.write(path) is None
    text = main.read_text()
    made = {"def": text.count("\ndef "), "threadpool": text.count("run_in_threadpool("), "async": text.count("AsyncC")}
    assert [way for way, count in made.items() if count > 1] == [prefer]

    after = heartbeat(python, tmp_path)
    assert {path for path, one in after.items() if one.blocks} == set()
    for path, one in before.items():
        assert (after[path].status, after[path].answer) == (one.status, one.answer), path
