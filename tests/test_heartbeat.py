"""What is reported does block the event loop, what is not does not, and what was repaired does no longer."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from trueup.check import Workspace
from trueup.fix import fix_project
from trueup.model import Finding
from trueup.registry import load_checkers

from .oracles.heartbeat import Measured, heartbeat

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from environments import environment  # noqa: E402

CURRENT = ROOT / "fixtures" / "apps" / "legacy_shop" / "requirements-current.txt"
CODES = ("TUA101", "TUA103")
MAIN = """\
import asyncio
import hashlib
import time

from fastapi import BackgroundTasks, Depends, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, field_validator
from sqlalchemy import text
from sqlalchemy.orm import Session

from db import get_db
from service import Service, pause

app = FastAPI()
service = Service()


class Body(BaseModel):
    name: str

    @field_validator("name")
    @classmethod
    def check(cls, value: str) -> str:
        time.sleep(0.4)  # ! /validator stays
        return value


class Slow:
    async def __call__(self):
        time.sleep(0.4)  # ! /callable


class Plain:
    def __call__(self):
        time.sleep(0.4)


async def slow():
    time.sleep(0.4)  # ! /dependency


async def slow_teardown():
    yield
    time.sleep(0.4)  # ! /teardown


def plain():
    time.sleep(0.4)
    yield


async def later():
    pause()  # ! /task


async def rows():
    yield "a"
    time.sleep(0.4)  # ! /stream
    yield "b"


def plain_rows():
    yield "a"
    time.sleep(0.4)
    yield "b"


@app.middleware("http")
async def log(request: Request, call_next):
    if request.url.path == "/middleware":
        time.sleep(0.4)  # ! /middleware
    return await call_next(request)


@app.exception_handler(KeyError)
async def missing(request: Request, error: KeyError):
    time.sleep(0.4)  # ! /handler
    return JSONResponse({}, 404)


@app.exception_handler(LookupError)
def not_found(request: Request, error: LookupError):
    time.sleep(0.4)
    return JSONResponse({}, 404)


@app.get("/sleep")
async def sleep():
    time.sleep(0.4)  # ! /sleep


@app.get("/through")
async def through():
    return service.client.ask("x")  # ! /through


@app.get("/awaited")
async def awaited():
    return await service.wait()


@app.get("/gathered")
async def gathered():
    return await asyncio.gather(service.wait_too(), asyncio.sleep(0))


@app.get("/hash")
async def hash_it():
    return hashlib.pbkdf2_hmac("sha256", b"secret", b"salt", 1_500_000).hex()  # ! /hash


@app.get("/session")
async def session(db: Session = Depends(get_db)):  # ! /session
    return db.execute(text("select pause(0.4)")).scalar()


@app.get("/plain-session")
def plain_session(db: Session = Depends(get_db)):
    return db.execute(text("select pause(0.4)")).scalar()


@app.post("/validator")
def validator(body: Body):
    return body


@app.get("/callable")
def call(x=Depends(Slow())):
    return x


@app.get("/dependency")
def dependency(x=Depends(slow)):
    return x


@app.get("/teardown")
def teardown(x=Depends(slow_teardown)):
    return x


@app.get("/plain-dependencies")
async def plain_dependencies(x=Depends(plain), y=Depends(Plain())):
    return x


@app.get("/task")
def task(tasks: BackgroundTasks):
    tasks.add_task(later)


@app.get("/plain-task")
async def plain_task(tasks: BackgroundTasks):
    tasks.add_task(pause)


@app.get("/stream")
def stream():
    return StreamingResponse(rows())


@app.get("/plain-stream")
async def plain_stream():
    return StreamingResponse(plain_rows())


@app.get("/middleware")
def middleware():
    return 1


@app.get("/handler")
async def handler():
    raise KeyError("x")


@app.get("/plain-handler")
async def plain_handler():
    raise LookupError("x")


@app.get("/offloaded")
async def offloaded():
    await run_in_threadpool(pause)
    await asyncio.to_thread(lambda: time.sleep(0.4))


@app.get("/plain")
def plain_route():
    pause()
"""
SERVICE = """\
import time


def pause() -> None:
    time.sleep(0.4)


class Client:
    def ask(self, name: str) -> str:
        for _ in self.pages(name):
            pass
        return name

    def pages(self, name: str):
        pause()
        yield name


class Service:
    def __init__(self) -> None:
        self.client = Client()

    async def wait(self) -> None:
        time.sleep(0.4)  # ! /awaited

    async def wait_too(self) -> None:
        time.sleep(0.4)  # ! /gathered
"""
DB = """\
import time

from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import StaticPool

engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
SessionLocal = sessionmaker(engine)


@event.listens_for(engine, "connect")
def with_pause(connection, record):
    connection.create_function("pause", 1, lambda seconds: time.sleep(seconds) or 1)


def get_db():
    db: Session = SessionLocal()
    try:
        yield db
    finally:
        db.close()
"""
MARK = re.compile(r"# ! (\S+)( stays)?")


def blocked(measured: dict[str, Measured]) -> set[str]:
    return {path for path, one in measured.items() if one.blocks}


def answers(measured: dict[str, Measured]) -> dict[str, tuple[int, str]]:
    return {path: (one.status, one.answer) for path, one in measured.items()}


@pytest.mark.slow
def test_what_is_reported_blocks_and_what_was_repaired_does_not(tmp_path: Path) -> None:
    files = {"main.py": MAIN, "service.py": SERVICE, "db.py": DB, "pyproject.toml": ""}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    marks = {
        (name, number): (mark[1], bool(mark[2]))
        for name, text in files.items()
        for number, line in enumerate(text.splitlines(), 1)
        if (mark := MARK.search(line))
    }
    workspace = Workspace.open([str(tmp_path)])
    workspace.use([checker for checker in load_checkers() if checker.rule.code in CODES])

    def place(one: Finding) -> tuple[str, int]:
        return Path(one.path).name, one.span.line

    # `pause` is one blocking call, whichever way leads to it: it is found where the nearest starts.
    assert {place(one) for one in workspace.check()} | {place_of("/through")} == set(marks)
    python = environment(CURRENT)
    before = heartbeat(python, tmp_path)
    assert blocked(before) == {path for path, _ in marks.values()}

    run = fix_project(workspace, lambda finding: finding.fixable)
    assert not run.failed
    for path in run.changed:
        assert workspace.write(path) is None
    after = heartbeat(python, tmp_path)
    assert blocked(after) == {path for path, stays in marks.values() if stays}
    assert answers(after) == answers(before)


def place_of(path: str) -> tuple[str, int]:
    return next(("main.py", n) for n, line in enumerate(MAIN.splitlines(), 1) if line.endswith(f"# ! {path}"))
