"""What a finding about a fat route says and weighs; which routes are found at all is for the fixtures."""

from __future__ import annotations

from pathlib import Path

import pytest

from trueup.check import Workspace
from trueup.model import Finding, Severity
from trueup.registry import load_checkers

CODE = "TUL101"
APP = """
from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

router = APIRouter()
seen: list[int] = []


class Base(DeclarativeBase): ...


class Job(Base):
    __tablename__ = "jobs"
    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    cost: Mapped[int]


class Body(BaseModel):
    state: str
    cost: int


def get_db() -> Session: ...


@router.post("/jobs/{id}")
"""
HEAD = "def run(id: int, body: Body, db: Session = Depends(get_db)):\n"


def find(folder: Path, text: str) -> list[Finding]:
    (folder / "pyproject.toml").write_text("")
    (folder / "app.py").write_text(text)
    workspace = Workspace.open([str(folder)])
    workspace.use([checker for checker in load_checkers() if checker.rule.code == CODE])
    return workspace.check()


def route(folder: Path, *body: str) -> list[Finding]:
    return find(folder, APP + HEAD + "".join(f"    {line}\n" for line in body))


def test_a_finding_explains_its_score(tmp_path: Path) -> None:
    [one] = route(
        tmp_path,
        "job = db.get(Job, id)",
        "if job.state == 'done':",
        "    raise HTTPException(409)",
        "job.state = body.state",
        "job.cost = job.cost * 2",
        "db.add(job)",
        "db.add(Job(id=2))",
        "if job.cost > 10:",
        "    db.delete(job)",
    )
    first = APP.count("\n") + 2
    assert one.message == (
        f"`run` (score 11) holds business logic: writes 3 times (lines {first + 5}, {first + 6}, {first + 8}), "
        f"changes domain objects (lines {first + 3}, {first + 4}), calculates (line {first + 4}), "
        f"decides on domain data (line {first + 7}), applies business rules (line {first + 1}); move it to a service"
    )
    assert one.severity is Severity.WARNING
    assert (one.span.line, one.span.column, one.span.end_column) == (first - 1, 5, 8)


def test_four_points_are_advice(tmp_path: Path) -> None:
    [one] = route(tmp_path, "for number in range(3):", "    db.add(Job(id=number))")
    assert "(score 4)" in one.message
    assert one.severity is Severity.ADVICE


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["if body.state:", "    db.add(Job())", "else:", "    db.delete(body)"], ""),
        (["if db.get(Job, id).cost > 3:", "    db.add(Job())", "else:", "    db.delete(body)"], "writes twice"),
        (["db.add(Job())", "db.add(Job())"], ""),
        (["seen.append(id)", "router.tags = []", "body.cost = 3", "for job in db.query(Job):", "    job.cost = 1"],
         "sets fields of the request's body"),
        (["jobs = [db.merge(j) for j in db.query(Job) if j.cost]"], "filters"),
        (["assert db.get(Job, id).cost > 2", "assert db.get(Job, id).cost < 9", "db.add(Job())", "db.delete(Job())"],
         "applies business rules"),
    ],
    ids=["either of two", "by what is stored", "the same twice", "each of several", "in a comprehension", "assert"],
)  # fmt: skip
def test_what_counts(tmp_path: Path, lines: list[str], words: str) -> None:
    assert [words in one.message for one in route(tmp_path, *lines)] == ([True] if words else [])


@pytest.mark.parametrize(
    "lines",
    [
        ["..."],
        ["'''Only words.'''"],
        ["match body:", "    case {'a': [x, *y], **z} | Body(state=x): return x", "    case _ if id: pass"],
        ["try:", "    pass", "except* (ValueError, TypeError) as e:", "    raise e"],
        ["async def inner(): yield 1", "class A: x = 1", "lambda: (yield)", "del body.cost, seen[0], id"],
        ["(a, *b), c = [d.e, f[0]] = body", "a.b += 1", "[x][0].y = 2", "f().g.h = 3", "(yield)"],
        ["if (n := len(seen)) == 0 < id: return n", "elif not id: return", "else: return f'{n!r:>{id}}'"],
        ["    " * depth + "if id:" for depth in range(90)] + ["    " * 90 + "pass"],
        ["y = id" + " + 'a'" * 900, "z = id" + ".a" * 500, "w = id" + "(1)" * 400, "v = db" + ".where(id)" * 99],
    ],
)
def test_odd_code_is_read(tmp_path: Path, lines: list[str]) -> None:
    assert route(tmp_path, *lines) == []


def test_a_route_inside_a_function_and_a_class(tmp_path: Path) -> None:
    fat = "{0}for n in range(3):\n{0}    db.add(Job(id=n))\n"
    text = APP + HEAD + "    ...\n\n\ndef make():\n    @router.get('/a')\n    def one(db: Session = Depends(get_db)):\n"
    text += fat.format("        ") + "\n    class View:\n        @router.get('/b')\n"
    text += "        def two(self, db: Session = Depends(get_db)):\n" + fat.format("            ")
    assert [one.symbol for one in find(tmp_path, text)] == ["make.one", "make.View.two"]
