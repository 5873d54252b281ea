"""`trueup verify`: programs that behave as they like are run on both sides, and each difference has its place."""

from __future__ import annotations

import ast
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from trueup.verify.compare import Kind, compare
from trueup.verify.looking import PROBES, State, look
from trueup.verify.probes.tables import DIALECTS
from trueup.verify.process import CannotRun, run
from trueup.verify.program import interpreter, program
from trueup.verify.schemas import even_openapi, unlike

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from environments import environment  # noqa: E402

SHOP = ROOT / "fixtures" / "apps" / "legacy_shop"
PINS = ROOT / "tests" / "oracles" / "pins"


def write(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def verify(folder: Path, *arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "trueup", "verify", *map(str, arguments)]
    environ = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "CONDA_PREFIX")} | variables
    return subprocess.run(command, cwd=folder, env=environ, text=True, capture_output=True, check=False, timeout=120)


def told(folder: Path, *arguments: str | Path) -> dict[str, Any]:
    done = verify(folder, "--python", sys.executable, "--output-format", "json", *arguments)
    assert done.returncode in (0, 1), done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["same"] == (done.returncode == 0)
    return found


def looked(folder: Path, app: str | None = None, timeout: float = 30) -> State:
    return look(program(str(folder), sys.executable), app, timeout)


class TestPrograms:
    def test_that_do_as_they_like_when_they_are_imported(self, tmp_path: Path) -> None:
        write(tmp_path, {
            "app/__init__.py": "",
            "app/prints.py": "import sys, os\nprint('{}')\nsys.stdout.close()\nos.write(2, b'x' * 100000)\n",
            "app/exits.py": "import sys\nsys.exit(3)\n",
            "app/dies.py": "import os\nos._exit(0)\n",
            "app/threads.py": "import threading, time\nthreading.Thread(target=time.sleep, args=(1000,)).start()\n",
            "app/argues.py": "import argparse\nargparse.ArgumentParser().parse_args()\n",
            "app/reads.py": "assert not __import__('sys').stdin.read()\n",
            "app/wanders.py": "import os\nos.chdir('/')\n",
            "app/refers.py": "from app import nowhere\n",
            "app/types.py": "import json\njson.dumps = None\n",
            "app/wrong.py": "def f(:\n",
            "app/at_exit.py": "import atexit\natexit.register(lambda: open('left', 'w').close())\n",
            "app/interrupts.py": "raise KeyboardInterrupt\n",
        })  # fmt: skip
        started = time.monotonic()
        state = looked(tmp_path)
        assert time.monotonic() - started < 20
        assert state.imported == [
            "app", "app.argues", "app.at_exit", "app.prints", "app.reads", "app.threads", "app.types", "app.wanders",
        ]  # fmt: skip
        assert state.failed == {
            "app.dies": {"error": "ends the process when it is imported", "where": ""},
            "app.exits": {"error": "SystemExit: 3", "where": "app/exits.py:2"},
            "app.interrupts": {"error": "KeyboardInterrupt", "where": "app/interrupts.py:1"},
            "app.refers": {
                "error": "ImportError: cannot import name 'nowhere' from 'app' (app/__init__.py)",
                "where": "app/refers.py:1",
            },
            "app.wrong": {"error": state.failed["app.wrong"]["error"], "where": "app/wrong.py:1"},
        }
        assert not (tmp_path / "left").exists()
        assert not list(tmp_path.rglob("__pycache__")), "nothing is written beside the modules"

    def test_that_never_come_to_an_end(self, tmp_path: Path) -> None:
        write(tmp_path, {"app/__init__.py": "", "app/waits.py": "import time\ntime.sleep(1000)\n"})
        with pytest.raises(CannotRun, match=r"took longer than 1 s while importing app\.waits \(--timeout\)"):
            looked(tmp_path, timeout=1)

    def test_whose_modules_are_called_as_those_of_python_and_of_the_probe(self, tmp_path: Path) -> None:
        write(tmp_path, {"platform.py": "x = 1\n", "models.py": "import tables\n", "tables.py": "", "answer.py": ""})
        assert looked(tmp_path).imported == ["answer", "models", "platform", "tables"]

    def test_what_is_not_imported(self, tmp_path: Path) -> None:
        write(tmp_path, {
            "src/app/__init__.py": "", "src/app/main.py": "", "src/app/__main__.py": "", "src/app/stub.pyi": "",
            "src/app/tests/test_a.py": "", "conftest.py": "", "setup.py": "", "tool.py": "#!/usr/bin/env python\n",
            "alembic/env.py": "", "alembic/tools.py": "", "alembic/versions/1a_first.py": "",
            "alembic/versions/b.py": "", "2024-report.py": "",
            "src/app/legacy/__init__.py": "", "pyproject.toml": "",
        })  # fmt: skip
        found = program(str(tmp_path), sys.executable, ["app.legacy*"])
        assert found.modules == ("alembic.tools", "app", "app.main")
        assert found.roots == (str(tmp_path), f"{tmp_path}/src")
        assert dict(found.left_out) == {
            "2024-report.py": "no `import` can name it",
            "alembic/env.py": "Alembic's environment",
            "alembic/versions/1a_first.py": "no `import` can name it",
            "alembic/versions/b.py": "a version of Alembic's",
            "conftest.py": "it is not made to be imported",
            "setup.py": "it is not made to be imported",
            "src/app/__main__.py": "it is not made to be imported",
            "src/app/legacy/__init__.py": "`app.legacy*` is skipped",
            "src/app/tests/test_a.py": "a test",
            "tool.py": "a script",
        }

    def test_names_start_at_the_folder_that_is_named(self, tmp_path: Path) -> None:
        write(tmp_path, {".git/HEAD": "", "backend/app/__init__.py": "", "backend/app/main.py": "import app\n"})
        found = program(f"{tmp_path}/backend", sys.executable)
        assert (found.roots, found.modules) == ((f"{tmp_path}/backend",), ("app", "app.main"))

    def test_one_that_is_installed_elsewhere_is_not_taken_for_this_one(self, tmp_path: Path) -> None:
        write(tmp_path / "here", {"json/__init__.py": ""})
        state = looked(tmp_path / "here")
        assert "another one of that name is imported" in state.failed["json"]["error"]


class TestProcesses:
    def test_nothing_that_was_started_stays(self, tmp_path: Path) -> None:
        script = (
            "import subprocess, sys, pathlib\n"
            "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1000)'])\n"
            "pathlib.Path('child').write_text(str(child.pid))\n"
        )
        ended = run([sys.executable, "-c", script], str(tmp_path), os.environ, 30)
        assert ended.code == 0
        assert gone(int((tmp_path / "child").read_text()))

    def test_one_that_takes_too_long_is_stopped(self, tmp_path: Path) -> None:
        ended = run([sys.executable, "-c", "print('at work', flush=True); import time; time.sleep(1000)"],
                    str(tmp_path), os.environ, 1)  # fmt: skip
        assert (ended.code, ended.said) == (None, "at work\n")
        assert ended.how == "stopped after 1 s"

    def test_endless_output_is_not_kept(self, tmp_path: Path) -> None:
        ended = run([sys.executable, "-c", "while True: print('x' * 1000)"], str(tmp_path), os.environ, 1)
        assert len(ended.said) <= 8000

    def test_what_cannot_be_run(self, tmp_path: Path) -> None:
        with pytest.raises(CannotRun, match="`/no/such` cannot be run: no such file or directory"):
            run(["/no/such"], str(tmp_path), os.environ, 1)
        with pytest.raises(CannotRun, match=r"/bin/false: does not run the probe, exit code 1"):
            look(program(str(tmp_path), "/bin/false"), None, 10)

    @pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
    def test_whoever_stops_trueup_stops_the_program_too(self, number: int, code: int, tmp_path: Path) -> None:
        text = "import os, pathlib, time\npathlib.Path('pid').write_text(str(os.getpid()))\ntime.sleep(1000)\n"
        write(tmp_path, {"app/__init__.py": text})
        command = [sys.executable, "-P", "-m", "trueup", "verify", "--before", ".", "--python", sys.executable]
        process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        until(lambda: (tmp_path / "pid").exists() and bool((tmp_path / "pid").read_text()))
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
        assert process.returncode == code, errors
        assert "Traceback" not in errors
        assert gone(int((tmp_path / "pid").read_text()))


def until(holds: Any) -> None:
    for _ in range(600):
        if holds():
            return
        time.sleep(0.05)
    raise TimeoutError


def gone(pid: int) -> bool:
    """Whether a process has ended; what nobody waits for stays as a zombie where no init reaps it."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


class TestCommand:
    def test_nothing_differs(self, tmp_path: Path) -> None:
        write(tmp_path, {"app/__init__.py": "print('loaded')\n", "app/main.py": "x = 1\n"})
        done = verify(tmp_path, "--before", ".", "--python", sys.executable)
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[-1] == "Nothing differs."
        assert done.stderr.count("importing 2 modules") == 2, "it says what it runs"

    def test_a_module_that_cannot_be_imported_any_more(self, tmp_path: Path) -> None:
        old = write(tmp_path / "old", {"app/__init__.py": "", "app/a.py": "x = 1\n", "app/b.py": "", "app/c.py": "1/0"})
        new = write(tmp_path / "new", {"app/__init__.py": "", "app/a.py": "from app import nothing\n", "app/c.py": ""})
        found = told(new, "--before", old)
        missing = "ImportError: cannot import name 'nothing' from 'app' (app/__init__.py)"
        assert [(one["kind"], one["module"], one["after"]) for one in found["differences"]] == [
            ("module", "app.a", f"{missing} (app/a.py:1)"),
            ("module", "app.b", "is gone"),
        ]  # fmt: skip
        assert found["notes"] == [
            "could not be imported before, so not compared: app.c: ZeroDivisionError: division by zero (app/c.py:1)"
        ]
        done = verify(new, "--before", old, "--python", sys.executable)
        assert done.returncode == 1
        assert "no longer imported app.a\n    ImportError" in done.stdout
        assert done.stdout.splitlines()[-1] == "2 differences in 2 places."

    def test_a_project_that_cannot_be_imported_at_all(self, tmp_path: Path) -> None:
        write(tmp_path, {"app/__init__.py": "import nowhere_to_be_found\n", "app/main.py": ""})
        done = verify(tmp_path, "--before", ".", "--python", sys.executable)
        assert done.returncode == 2
        assert "nothing can be compared" in done.stderr
        assert "No module named 'nowhere_to_be_found' (app/__init__.py:1)" in done.stderr
        assert "--python-before" in done.stderr

    def test_a_commit(self, tmp_path: Path) -> None:
        repository = write(tmp_path, {
            "backend/app/__init__.py": "import os\nassert os.path.exists('.env'), os.getcwd()\n",
            ".gitignore": ".env\n",
            "backend/app/a.py": "",
        })  # fmt: skip
        git(repository, "init", "-q", "-b", "main")
        git(repository, "add", "-A")
        git(repository, "commit", "-q", "-m", "first")
        write(repository, {"backend/.env": "SECRET=1\n", "backend/app/a.py": "import nowhere\n"})
        before = (repository / ".git" / "index").read_bytes()
        found = told(repository / "backend", "--before", "main")
        assert [one["name"] for one in found["differences"]] == ["app.a"]
        assert found["before"]["name"].startswith("main (")
        assert not Path(found["before"]["folder"]).exists(), "the copy is gone"
        assert (repository / ".git" / "index").read_bytes() == before
        assert git(repository, "worktree", "list").count("\n") == 1

        done = verify(repository / "backend", "--before", "no-such-branch", "--python", sys.executable)
        assert done.returncode == 2
        assert "--before no-such-branch: there is no such folder, and git knows no such commit" in done.stderr

    def test_a_command_runs_on_both_sides_with_the_modules_of_each(self, tmp_path: Path) -> None:
        old = write(tmp_path / "old", {"src/app.py": "CODE = 0\n", "pyproject.toml": ""})
        new = write(tmp_path / "new", {"src/app.py": "CODE = 4\n", "pyproject.toml": ""})
        command = "python -c 'import app, sys; print(app.__file__); sys.exit(app.CODE)'"
        found = told(new, "--before", old, "--cmd", command)
        assert found["differences"] == [
            {
                "kind": "command", "module": "", "name": command, "part": "",
                "before": f"exit code 0: {old}/src/app.py", "after": f"exit code 4: {new}/src/app.py",
            }
        ]  # fmt: skip
        same = told(new, "--before", new, "--cmd", command)
        assert same["differences"] == []
        assert same["notes"] == [f"`{command}` did not succeed before: exit code 4"]
        for wrong, why in (("'", "No closing quotation"), ("no-such-command x", "there is no `no-such-command`")):
            done = verify(new, "--before", old, "--python", sys.executable, "--cmd", wrong)
            assert done.returncode == 2
            assert why in done.stderr

    def test_an_app_that_is_none(self, tmp_path: Path) -> None:
        write(tmp_path, {"app/__init__.py": "app = 1\n"})
        done = verify(tmp_path, "--before", ".", "--python", sys.executable, "--app", "app:app")
        assert done.returncode == 2
        assert "--app app:app: could not be asked before" in done.stderr

    def test_what_is_printed_cannot_move_the_cursor(self, tmp_path: Path) -> None:
        old = write(tmp_path / "old", {"app/__init__.py": "", "app/a.py": ""})
        new = write(tmp_path / "new", {"app/__init__.py": "", "app/a.py": "raise ValueError('\\x1b[2J')\n"})
        done = verify(new, "--before", old, "--python", sys.executable)
        assert "\x1b" not in done.stdout
        assert r"ValueError: \x1b[2J" in done.stdout


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, text=True, capture_output=True, check=True)
    return done.stdout


class TestInterpreter:
    def test_where_it_is_looked_for(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("CONDA_PREFIX", raising=False)
        monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "active"))
        for home in ("active", "project/.venv", "old/venv"):
            write(tmp_path, {f"{home}/bin/python": ""})
        project, old, bare = (str(tmp_path / name) for name in ("project", "old", "bare"))
        assert interpreter(None, project) == f"{project}/.venv/bin/python"
        assert interpreter(None, old, fallback="x") == f"{old}/venv/bin/python"
        assert interpreter(None, bare) == f"{tmp_path}/active/bin/python"
        assert interpreter(None, bare, fallback="x") == "x"
        assert interpreter(f"{old}/venv") == f"{old}/venv/bin/python"
        assert interpreter(f"{old}/venv/bin/python") == f"{old}/venv/bin/python"
        with pytest.raises(FileNotFoundError, match="is a folder without bin/python"):
            interpreter(bare + "/..")
        with pytest.raises(FileNotFoundError, match="there is no such file"):
            interpreter("no-such-python")


def test_the_probes_are_for_any_python_from_3_8_on_and_need_nothing_else() -> None:
    for path in sorted(Path(PROBES).glob("*.py")):
        tree = ast.parse(path.read_text("utf-8"), feature_version=(3, 8))
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                assert all(alias.name in sys.stdlib_module_names for alias in node.names), path
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 1 or node.module in {"__future__", *sys.stdlib_module_names, "collections.abc"}, (
                    path
                )


class TestSchemas:
    def test_words_of_the_language_may_be_names_of_fields(self) -> None:
        words = ("title", "format", "default", "enum", "const", "description", "type", "properties", "required")
        fields = {word: {"title": word.title(), "type": "string"} for word in words}
        old = {"title": "M", "type": "object", "properties": fields, "required": list(words)}
        new = {"type": "object", "properties": fields, "required": sorted(words)}
        assert unlike(old, new, old=(True, False)) == []
        lacking = {**new, "properties": {**fields, "format": {"type": "integer"}}}
        assert [one.path for one in unlike(old, lacking, old=(True, False))] == [".properties.format.type"]

    def test_what_is_spelt_otherwise_and_means_the_same(self) -> None:
        old = {
            "properties": {"x": {"pattern": "^a|b"}, "y": {"anyOf": [{"type": "string"}, {"type": "integer"}]}},
            "discriminator": {"propertyName": "kind", "mapping": {"a": "#/definitions/A"}},
        }
        new = {
            "properties": {"x": {"pattern": "^(?:^a|b)"}, "y": {"anyOf": [{"type": "integer"}, {"type": "string"}]}},
            "discriminator": {"propertyName": "kind", "mapping": {"a": "#/$defs/A"}},
        }
        assert unlike(old, new, old=(True, False)) == []
        assert [one.path for one in unlike(old, new, old=(True, False), in_order=True)] == [
            ".properties.y.anyOf.0.type", ".properties.y.anyOf.1.type",
        ]  # fmt: skip

    def test_members_of_a_union_that_are_alike(self) -> None:
        texts = {"type": "array", "items": {"type": "string"}}
        old, new = ({"properties": {"x": one}} for one in ({"anyOf": [texts, texts]}, texts))
        assert unlike(old, new, old=(True, False)) == []

    def test_the_same_library_has_to_say_the_same(self) -> None:
        one, other = ({"title": title, "type": "string"} for title in ("A", "B"))
        assert unlike(one, other, old=(False, False)) == [(".title", "'A'", "'B'")]
        assert unlike(one, other, old=(True, False)) == []

    def test_two_schemas_of_one_model_in_openapi(self) -> None:
        old = {"openapi": "3.0.2", "components": {"schemas": {"A": {}}}, "paths": {"/": {"$ref": "#/c/A"}}}
        new = {
            "openapi": "3.1.0",
            "components": {"schemas": {"A-Input": {}, "A-Output": {"x": 1}, "HTTPValidationError": {}}},
            "paths": {"/": {"$ref": "#/c/A-Input"}},
        }
        assert even_openapi(old) == even_openapi(new)


TABLES = """
from sqlalchemy import Boolean, Column, ForeignKey, Integer, MetaData, String, Table
from sqlalchemy.orm import declarative_base, relationship

Base = declarative_base()


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    name = Column(String(50), nullable=False)
    posts = relationship("Post", back_populates="author")


class Post(Base):
    __tablename__ = "posts"
    id = Column(Integer, primary_key=True)
    author_id = Column(ForeignKey("users.id"))
    author = relationship(User, back_populates="posts")
"""

MODELS = """
from fastapi import FastAPI
from pydantic import BaseModel


class Item(BaseModel):
    name: str
    price: float = 0


app = FastAPI()


@app.post("/items")
def make(item: Item) -> Item:
    return item
"""


@pytest.mark.slow
class TestLibraries:
    def test_tables_and_mappings(self, tmp_path: Path) -> None:
        python = environment(PINS / "sqlalchemy-2.0.txt")
        old = write(tmp_path / "old", {"app/__init__.py": "", "app/tables.py": TABLES})
        text = TABLES.replace("String(50)", "String(60)").replace('back_populates="author"', "lazy='selectin'")
        text = text.replace(', back_populates="posts"', "") + "\nTable('extra', Base.metadata, Column('x', Integer))\n"
        new = write(tmp_path / "new", {"app/__init__.py": "", "app/tables.py": text})
        found = told(new, "--before", old, "--python", python)["differences"]
        extra = [one for one in found if one["name"] == "extra"]
        created = "CREATE TABLE extra (\n\tx INTEGER\n)"
        assert [(one["part"], one["before"], one["after"]) for one in extra] == [
            (dialect, "(nothing)", created) for dialect in DIALECTS
        ]
        rest = [one for one in found if one["name"] != "extra"]
        assert [(one["kind"], one["module"], one["name"], one["part"]) for one in rest] == [
            *(("table", "app.tables", "users", dialect) for dialect in DIALECTS),
            ("mapping", "app.tables", "app.tables.Post", "author"),
            ("mapping", "app.tables", "app.tables.User", "posts"),
        ]
        assert (rest[0]["before"], rest[0]["after"]) == ("name VARCHAR(50) NOT NULL", "name VARCHAR(60) NOT NULL")
        assert "lazy=selectin" in rest[-1]["after"]
        shown = verify(new, "--before", old, "--python", python).stdout
        assert (
            "table users  (app.tables)\n  sqlite, postgresql, mysql\n    before  name VARCHAR(50) NOT NULL\n" in shown
        )

    def test_mappers_that_cannot_be_configured(self, tmp_path: Path) -> None:
        python = environment(PINS / "sqlalchemy-2.0.txt")
        old = write(tmp_path / "old", {"app/__init__.py": "", "app/tables.py": TABLES})
        new = write(tmp_path / "new", {"app/__init__.py": "", "app/tables.py": TABLES.replace('"Post"', '"Pots"')})
        found = told(new, "--before", old, "--python", python)["differences"]
        (one,) = (one for one in found if one["kind"] == "mapping")
        assert (one["name"], one["before"]) == ("mappings", "can be told")
        assert "Pots" in one["after"]

    def test_models_and_openapi(self, tmp_path: Path) -> None:
        python = environment(SHOP / "requirements-current.txt")
        old = write(tmp_path / "old", {"app/__init__.py": "", "app/main.py": MODELS})
        new = write(tmp_path / "new", {"app/__init__.py": "", "app/main.py": MODELS.replace("float = 0", "int = 1")})
        found = told(new, "--before", old, "--python", python, "--app", "app.main:app")["differences"]
        told_of = ("kind", "module", "name", "part", "before", "after")
        assert [tuple(one[key] for key in told_of) for one in found] == [
            ("schema", "app.main", "app.main.Item", "properties.price.default", "0", "1"),
            ("schema", "app.main", "app.main.Item", "properties.price.type", "'number'", "'integer'"),
            ("openapi", "", "schemas.Item", "properties.price.default", "0", "1"),
            ("openapi", "", "schemas.Item", "properties.price.type", "'number'", "'integer'"),
        ]  # fmt: skip

    def test_the_legacy_shop_with_two_environments(self, tmp_path: Path) -> None:
        legacy, current = (environment(SHOP / f"requirements-{one}.txt") for one in ("legacy", "current"))
        for side in ("old", "new"):
            shutil.copytree(SHOP, tmp_path / side, ignore=shutil.ignore_patterns("__pycache__"))
        migrate = [sys.executable, "-P", "-m", "trueup", "migrate-v2", str(tmp_path / "new"), "--allow-no-vcs"]
        assert subprocess.run(migrate, capture_output=True, check=False).returncode in (0, 3)
        arguments = ("--before", tmp_path / "old", "--python-before", legacy, "--python", current)
        found = told(tmp_path / "new", *arguments, "--app", "shop.main:app")
        assert (found["differences"], found["notes"]) == ([], [])
        assert {kind: one["count"] for kind, one in found["compared"].items() if kind != "command"} == {
            "module": 53, "table": 15, "mapping": 14, "schema": 58, "openapi": 85,
        }  # fmt: skip

        schemas = tmp_path / "new" / "shop" / "orders" / "schemas.py"
        text = schemas.read_text("utf-8")
        assert "gt=0" in text or "ge=1" in text
        schemas.write_text(text.replace("gt=0", "gt=1").replace("ge=1", "ge=2"), "utf-8")
        found = told(tmp_path / "new", *arguments, "--app", "shop.main:app")
        assert {one["kind"] for one in found["differences"]} == {"schema", "openapi"}
        assert {one["module"] for one in found["differences"]} == {"shop.orders.schemas", ""}

        unmigrated = verify(tmp_path / "old", "--before", tmp_path / "old", "--python", current)
        assert unmigrated.returncode in (0, 2), "what is compared with itself is the same, if there is anything"


def test_what_a_failing_module_takes_with_it_is_said_once() -> None:
    before = state(
        imported=["a", "b"],
        ddl={"sqlite": {"t": ["CREATE TABLE t"], "u": ["CREATE TABLE u"]}},
        homes={"t": "a", "u": "b"},
        mapped={"a.T": {}, "b.U": {}},
        schemas={"a.M": {"old": False, "schema": {}}},
    )
    after = state(imported=["b"], failed={"a": {"error": "E", "where": ""}}, ddl={"sqlite": {}}, mapped={}, schemas={})
    found = compare(before, after)
    assert [(one.kind, one.name) for one in found.differences] == [
        (Kind.MODULE, "a"), (Kind.TABLE, "u"), (Kind.MAPPING, "b.U"),
    ]  # fmt: skip


def state(**known: Any) -> State:
    empty: dict[str, Any] = {
        "python": "3.11", "versions": {}, "imported": [], "failed": {}, "unknown": {}, "ddl": {}, "homes": {},
        "mapped": {}, "schemas": {},
    }  # fmt: skip
    return State(**{**empty, **known})
