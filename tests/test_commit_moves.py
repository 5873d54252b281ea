"""What a database keeps, what a failure takes back and what can still be read, when commits move to the callers."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from trueup.check import Workspace
from trueup.config import CliOptions, Configs
from trueup.fix import fix_project
from trueup.model import Safety
from trueup.saving import write_all

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from environments import environment  # noqa: E402

CASES = ROOT / "fixtures" / "transactions" / "commit_in_repository"
PINS = ROOT / "tests" / "oracles" / "pins" / "sqlalchemy-async.txt"

HEAD = """
import asyncio, json, sqlite3, sys
from sqlalchemy import create_engine
from app.models import Base, User

told = {}
engine = create_engine("sqlite:///kept.db")
Base.metadata.create_all(engine)

def kept():
    # What another connection sees
    connection = sqlite3.connect("kept.db")
    names = [name for (name,) in connection.execute("select name from users order by id")]
    connection.execute("delete from users")
    connection.commit()
    connection.close()
    return names

def said(value):
    many = value if isinstance(value, tuple) else (value,)
    return [one.name if isinstance(one, User) else one for one in many]
"""
PLAIN = """
from sqlalchemy.orm import Session
from app.repositories import UserRepository
from app.service import UserService

def step(name, work):
    with Session(engine) as session:
        try:
            answer = said(work(UserService(UserRepository(session))))
        except Exception as error:
            answer = type(error).__name__
    told[name] = [answer, kept()]

def replaced(service):
    return service.replace(service.repository.create(User(name="old")), "new")

step("two", lambda service: service.register("ann", "bob"))
step("the second is turned down", lambda service: service.register("ann", ""))
step("the second fails", lambda service: service.register("ann", object()))
step("loop", lambda service: service.register_all(["ann", "", "bob"]))
step("a round fails", lambda service: service.register_all(["ann", object(), "bob"]))
step("replaced", replaced)
step("returns in the loop", lambda service: service.register_some(["ann", "", "bob"]))
step("one branch", lambda service: service.register_one("ann", "bob"))
step("other branch", lambda service: service.register_one("", "bob"))
step("in a try", lambda service: service.try_to("ann"))
step("in an expression", lambda service: service.register_and_name("ann"))
step("two, one in an expression", lambda service: service.register_two_and_name("ann", "bob")[0])
step("returns early", lambda service: service.early("ann", ""))
step("does not", lambda service: service.early("ann", "bob"))
print(json.dumps(told))
"""
ASYNC = """
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from app.user_repository import UserRepository
from app.user_service import UserService

async def step(name, work):
    async with AsyncSession(create_async_engine("sqlite+aiosqlite:///kept.db")) as session:
        try:
            answer = said(await work(UserService(UserRepository(session))))
        except Exception as error:
            answer = type(error).__name__
    told[name] = [answer, kept()]

async def main():
    await step("one", lambda service: service.register("ann"))
    await step("kept under a name", lambda service: service.register_twin("ann"))
    await step("two", lambda service: service.register_pair("ann", "bob"))
    await step("the second fails", lambda service: service.register_pair("ann", object()))

asyncio.run(main())
print(json.dumps(told))
"""


REPOSITORY = """
from sqlalchemy.orm import Session

class Stored:
    def create(self, name: str) -> int:
        raise NotImplementedError

class UserRepository(Stored):
    def __init__(self, session: Session):
        self.session = session

    def create(self, name: str) -> int:
        self.session.add(name)
        self.session.commit()
        return 1
"""


@pytest.mark.parametrize(
    ("path", "caller", "told"),
    [
        ("service.py", "print(1, users.create('a'))", "app/service.py:8: the call stands in an expression"),
        ("service.py", "yield users.create('a')", "app/service.py:8: its caller yields"),
        (
            "service.py",
            "with users.session.begin():\n        users.create('a')",
            "app/service.py:9: its caller opens the transaction itself (line 8)",
        ),
        ("service.py", "apply(users.create)", "`create` is handed on as a value somewhere"),
        ("service.py", "getattr(users, 'create')('a')", "app/service.py:8 gets `create` with `getattr`"),
        ("service.py", "stored.create('a')", "app/service.py:8 calls it by `Stored`"),
        ("service.py", "things[0].create('a')", "what `create` is called on in app/service.py:8 is not known"),
        ("service.py", "pass", "nothing in the project calls it"),
        ("crud.py", "users.create('a')", "app/crud.py:8: a repository calls it"),
        ("tests/test_users.py", "users.create('a')", "app/tests/test_users.py:8: a test calls it"),
        ("things.py", "users.create('a')", "app/things.py:8: the layer of its caller is not known"),
        ("tasks.py", "users.create('a')", "app/tasks.py:8: a task calls it, and gets a commit of its own"),
    ],
)
def test_what_keeps_a_commit_where_it_is(path: str, caller: str, told: str, tmp_path: Path) -> None:
    service = (
        "from app.repository import Stored, UserRepository\n\n\ndef apply(work) -> None:\n    work()\n\n"
        f"def register(users: UserRepository, stored: Stored, things) -> None:\n    {caller}\n"
    )
    for name, text in {"repository.py": REPOSITORY, path: service, "__init__.py": ""}.items():
        file = tmp_path / "app" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    configs = Configs.load([str(tmp_path)], CliOptions(select=("TUT101",)), cwd=str(tmp_path))
    found = Workspace.open([str(tmp_path)], configs).check()
    assert {one.why for one in found} == {told}
    assert {one.safety for one in found} == {Safety.UNSAFE if path == "tasks.py" else Safety.MANUAL}


def ran(folder: Path, program: str) -> dict[str, list[Any]]:
    """What a program says of a project: step -> [what came back, which rows are there]."""
    command = [str(environment(PINS)), "-c", HEAD + program]
    done = subprocess.run(command, cwd=folder, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    answer: dict[str, list[Any]] = json.loads(done.stdout)
    return answer


def both(case: str, program: str, folder: Path) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    """The same of a case as it is and repaired."""
    old, new = folder / "old", folder / "new"
    for copy in (old, new):
        shutil.copytree(CASES / case / "before", copy, ignore=shutil.ignore_patterns("__pycache__"))
    configs = Configs.load([str(new)], CliOptions(select=("TUT101",)), cwd=str(new))
    workspace = Workspace.open([str(new)], configs)
    run = fix_project(workspace, lambda finding: finding.fixable)
    assert run.fixed and not run.held, run.held
    assert write_all(workspace, run.changed, run.fixed, run.tied)[1] == []
    return ran(old, program), ran(new, program)


@pytest.mark.slow
def test_data_is_kept_and_what_fails_later_takes_all_of_it_back(tmp_path: Path) -> None:
    before, after = both("two_writes", PLAIN, tmp_path)
    for step in ("the second is turned down", "the second fails", "a round fails"):
        was, now = before.pop(step), after.pop(step)
        assert was[0] == now[0], "the same error"
        assert (was[1], now[1]) == (["ann"], []), "half of it was kept"
    assert after == before
    assert before["two"] == [["ann"], ["ann", "bob"]]
    assert before["returns in the loop"] == [[1], ["ann"]]
    assert before["replaced"] == [["new"], ["new"]]


@pytest.mark.slow
def test_what_comes_back_can_still_be_read(tmp_path: Path) -> None:
    before, after = both("async_service", ASYNC, tmp_path)
    # Reading what the second commit expired failed; there is only one now
    assert before.pop("two") == ["StatementError", ["ann", "bob"]]
    assert after.pop("two") == [["ann", "bob"], ["ann", "bob"]]
    assert before.pop("the second fails")[1] == ["ann"]
    assert after.pop("the second fails")[1] == []
    assert after == before
    assert before["one"] == [["ann"], ["ann"]]
