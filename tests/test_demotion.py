"""Whether an async route can become a plain `def`: what is said, what stands in the way, and what is done instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from trueup.check import Workspace
from trueup.config import CliOptions, Configs
from trueup.model import Finding, Safety

HEAD = """\
import time

import bcrypt
import requests
from fastapi import Depends, FastAPI, Request
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker

URL = "https://example.com"
SessionLocal = sessionmaker(create_engine("{engine}"))
app = FastAPI()


def get_db():
    with SessionLocal() as db:
        yield db


"""


def check(folder: Path, route: str, config: str = "", engine: str = "postgresql://db", **files: str) -> list[Finding]:
    """The findings in an application with one route."""
    (folder / "pyproject.toml").write_text(f"[tool.trueup]\n{config}\n")
    (folder / "main.py").write_text(HEAD.replace("{engine}", engine) + route)
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    configs = Configs.load([str(folder)], CliOptions(select=("TUA101", "TUA103")), cwd=str(folder))
    return Workspace.open([str(folder)], configs).check()


def cure(one: Finding) -> str:
    return one.message.rpartition("); " if "); use" in one.message or "); make" in one.message else "it; ")[2]


ASK = "@app.get('/')\nasync def ask():\n    return requests.get(URL).json()\n"
AWAITS = "@app.get('/')\nasync def ask(request: Request):\n    body = await request.json()\n"


def test_a_route_that_waits_is_never_told_to_be_a_plain_def(tmp_path: Path) -> None:
    (one,) = check(tmp_path, AWAITS + "    return requests.get(URL).json(), body\n")
    assert one.safety is Safety.UNSAFE
    assert cure(one) == (
        "use `httpx.AsyncClient`, or `await run_in_threadpool(...)`; no plain `def` will do: it awaits (line 21)"
    )
    assert [(place.line, place.message) for place in one.related] == [(21, "awaits here")]
    route = AWAITS.replace("request: Request", "request: Request, db: Session = Depends(get_db)")
    (one,) = check(tmp_path, route + "    async with db:\n        db.commit()\n")
    assert one.safety is Safety.MANUAL
    assert one.message.partition("; ")[2] == (
        "use `AsyncSession`, or move what uses the session to a plain function and run that in a thread;"
        " no plain `def` will do: it awaits (line 21 and 1 more)"
    )
    assert one.why == "it awaits (line 21 and 1 more)"


def test_a_route_that_can_be_a_plain_def_is_told_so(tmp_path: Path) -> None:
    (one,) = check(tmp_path, ASK)
    assert (one.safety, one.clue) == (Safety.SAFE, "def")
    assert one.message.startswith(
        "`requests.get` blocks the event loop: async route `ask` calls it; make `ask` a plain"
    )


@pytest.mark.parametrize(
    ("prefer", "body", "expected"),
    [
        ("def", "requests.get(URL)", [("safe", "def")]),
        ("threadpool", "requests.get(URL)", [("unsafe", "fastapi")]),
        ("async", "requests.get(URL)", [("unsafe", "ClientPlan")]),
        # What an await mends as well stays async, unless there is more.
        ("def", "time.sleep(1)", [("safe", "sleep")]),
        ("def", "time.sleep(1), requests.get(URL)", [("safe", "def")] * 2),
        ("threadpool", "time.sleep(1), requests.get(URL)", [("safe", "sleep"), ("unsafe", "fastapi")]),
        ("def", "bcrypt.hashpw(b'', b'')", [("safe", "def")]),
        ("threadpool", "bcrypt.hashpw(b'', b'')", [("safe", "fastapi")]),
        # A safe repair is not given up for an unsafe one.
        ("def", "app.state.n.append(1), bcrypt.hashpw(b'', b'')", [("safe", "fastapi")]),
        ("def", "SEEN.append(1), bcrypt.hashpw(b'', b'')", [("safe", "fastapi")]),
        ("def", "SEEN.append(1), requests.get(URL)", [("unsafe", "def")]),
        # Where no call can be moved by itself, the other way is taken.
        ("threadpool", "[requests.get(URL) for _ in 'ab']", [("safe", "def")]),
        ("async", "[requests.get(URL) for _ in 'ab']", [("safe", "def")]),
        # One function is repaired in one way: what one repair would await, another would take away.
        ("threadpool", "SessionLocal().commit(), time.sleep(1)", [("safe", "def"), ("safe", None)]),
        ("threadpool", "SessionLocal().commit(), requests.get(URL)", [("safe", "def"), ("safe", None)]),
    ],
)
def test_the_preferred_repair_is_made_where_several_are_possible(
    tmp_path: Path, prefer: str, body: str, expected: list[tuple[str, str | None]]
) -> None:
    route = f"SEEN: list[int] = []\n\n\n@app.get('/')\nasync def ask():\n    {body}\n"
    found = check(tmp_path, route, f'async.prefer-fix = "{prefer}"\nasync.http-client = "httpx"')
    told = [(str(o.safety), o.clue if isinstance(o.clue, str | None) else type(o.clue).__name__) for o in found]
    assert sorted(told, key=repr) == sorted(expected, key=repr)


QUERY = "@app.get('/')\nasync def ask(db: Session = Depends(get_db)):\n    return db.execute(URL).all()\n"


@pytest.mark.parametrize(
    ("engine", "safety"),
    [
        ("postgresql://db", Safety.SAFE),
        ("sqlite:///a.db", Safety.SAFE),
        ("sqlite://", Safety.UNSAFE),
        ("sqlite:///:memory:", Safety.UNSAFE),
    ],
)
def test_a_database_in_memory_belongs_to_a_thread(tmp_path: Path, engine: str, safety: Safety) -> None:
    (one,) = check(tmp_path, QUERY, engine=engine)
    assert one.safety is safety
    assert ("a database in memory (main.py:10)" in one.why.replace(f"{tmp_path}/", "")) is (safety is Safety.UNSAFE)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ("from main import ask\n", "imports it"),
        ("import main\n\nHANDLERS = [main.ask]\n", "imports its module and may refer to it"),
        ("def test(monkeypatch):\n    monkeypatch.setattr('main.ask', None)\n", "replaces it"),
    ],
)
def test_who_else_refers_to_a_route_is_named(tmp_path: Path, other: str, why: str) -> None:
    (one,) = check(tmp_path, ASK, other=other)
    assert (one.safety, one.clue) == (Safety.UNSAFE, "def")
    assert one.why.endswith(why)
    assert one.why.startswith(one.related[0].path)


def test_what_an_async_client_cannot_do_is_said(tmp_path: Path) -> None:
    config = 'async.prefer-fix = "async"'
    (one,) = check(tmp_path, ASK, config)
    assert one.clue == "fastapi"
    assert one.why.startswith("no async client: nothing imports `httpx` here: say in `async.http-client` what to use; ")
    (one,) = check(tmp_path, ASK, config, other="import httpx2\n")
    assert one.clue.package == "httpx2"
    assert one.why.startswith("`httpx2` guesses")
    (one,) = check(tmp_path, ASK, config + '\nasync.http-client = "httpx"')
    assert one.why.startswith("the project must depend on `httpx`; ")
