"""How far a plan says that an application is from `AsyncSession`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

from trueup.check import Workspace
from trueup.libraries.sqlalchemy.to_async import Conversion, conversion

MODELS = """
    from sqlalchemy import ForeignKey
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

    class Base(DeclarativeBase):
        pass
    class User(Base):
        __tablename__ = "users"
        id: Mapped[int] = mapped_column(primary_key=True)
        posts: Mapped[list["Post"]] = relationship()
    class Post(Base):
        __tablename__ = "posts"
        id: Mapped[int] = mapped_column(primary_key=True)
        user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
"""
DATABASE = """
    from sqlalchemy import create_engine
    from sqlalchemy.orm import sessionmaker

    engine = create_engine("sqlite://")
    sessions = sessionmaker(engine)

    def get_db():
        with sessions() as db:
            yield db
"""
CRUD = """
    from sqlalchemy import select
    from sqlalchemy.orm import Session
    from models import User

    class Users:
        def __init__(self, db: Session):
            self.db = db
        def find(self, number: int):
            return self.db.get(User, number)
        def named(self, name: str):
            return self.db.query(User).filter_by(name=name).all()
        @property
        def count(self):
            return len(self.db.scalars(select(User)).all())
    def save(db: Session, user: User):
        db.add(user)
        db.commit()
    def posts_of(db: Session, number: int):
        user = db.get(User, number)
        return list(user.posts)
"""
MAIN = """
    from fastapi import Depends, FastAPI
    from sqlalchemy.orm import Session
    from crud import Users, posts_of, save
    from database import get_db
    from models import User

    app = FastAPI()

    @app.get("/users/{number}")
    async def read(number: int, db: Session = Depends(get_db)):
        return Users(db).find(number)
    @app.get("/names")
    async def names(db: Session = Depends(get_db)):
        return Users(db).named("a")
    @app.post("/users")
    async def add(db: Session = Depends(get_db)):
        save(db, User())
    @app.get("/posts")
    async def posts(db: Session = Depends(get_db)):
        return posts_of(db, 1)
    @app.get("/plain")
    def plain(db: Session = Depends(get_db)):
        return Users(db).named("b")
    @app.get("/none")
    async def none():
        return {}
"""
TASKS = """
    from crud import save
    from database import sessions
    from models import User

    def nightly():
        with sessions() as db:
            save(db, User())
"""
FILES = {"models.py": MODELS, "database.py": DATABASE, "crud.py": CRUD, "main.py": MAIN, "tasks.py": TASKS}


def write(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "pyproject.toml").write_text("")
    for name, text in FILES.items():
        (folder / name).write_text(dedent(text).lstrip())


def found(folder: Path) -> Conversion:
    write(folder)
    workspace = Workspace.open([str(folder)])
    return conversion(workspace.types, {file.path for file in workspace.files})


def test_what_lies_between_routes_and_sessions(tmp_path: Path) -> None:
    plan = found(tmp_path)
    assert [one.name for one in plan.starts] == ["read", "names", "add", "posts"]
    functions = {one.name: one for one in plan.functions}
    assert list(functions) == ["Users.find", "Users.named", "save", "posts_of", "read", "names", "add", "posts"]
    assert (functions["save"].awaits, functions["read"].awaits, functions["read"].is_async) == (1, 1, True)
    assert [one.name for one in plan.ready] == ["read"]


def test_what_stands_in_the_way_and_where(tmp_path: Path) -> None:
    plan = found(tmp_path)
    hurdles = {
        one.name: [(hurdle.why, Path(hurdle.path).name, hurdle.line) for hurdle in one.hurdles]
        for one in plan.functions
        if one.hurdles
    }
    assert hurdles == {
        "Users.named": [
            ("the plain route `plain` calls it, and has to become async too", "main.py", 23),
            (
                "`AsyncSession` has no `query()`: write `select()` first, which `--step sqlalchemy-queries` does",
                "crud.py",
                11,
            ),
        ],
        "save": [("`nightly`, which stays sync, calls it", "tasks.py", 7)],
        "posts_of": [("`User.posts` is loaded when it is read: load it with the query", "crud.py", 20)],
    }
    assert [(Path(one.path).name, one.line) for one in plan.makers] == [("database.py", 4), ("database.py", 5)]


def told(folder: Path, *options: str) -> str:
    command = [sys.executable, "-m", "trueup", "migrate-v2", *options]
    return subprocess.run(command, cwd=folder, text=True, capture_output=True, check=False).stdout


def test_a_plan_says_it_and_a_run_does_not(tmp_path: Path) -> None:
    project = tmp_path / "project"
    write(project)
    reports = [word for kind in ("json", "md", "html") for word in ("--report", f"../r.{kind}")]
    shown = told(project, "--plan", "-v", *reports)
    assert "From Session to AsyncSession: 4 async routes use a sync session, through 4 plain functions" in shown
    assert (
        "crud.py:15 `save` becomes async, 1 call to await\n    `nightly`, which stays sync, calls it (tasks.py:7)"
        in shown
    )
    known = json.loads((tmp_path / "r.json").read_text())["to_async"]
    assert [one["ready"] for one in known["starts"]] == [True, False, False, False]
    assert known["functions"][2]["in_the_way"][0]["path"] == "tasks.py"
    for name in ("r.md", "r.html"):
        assert "From Session to AsyncSession" in (tmp_path / name).read_text()
    assert "`nightly`, which stays sync, calls it: tasks.py:7" in told(project, "--plan")
    assert "From Session" not in told(project, "--plan", "--skip", "async")
