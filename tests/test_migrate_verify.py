"""`migrate-v2 --verify`: a step after which something is worse is taken back, and the others stand."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from trueup.check import Workspace
from trueup.cli.migrating import TAKEN_BACK
from trueup.config import CliOptions, Configs
from trueup.migrate.interrupts import uninterrupted
from trueup.saving import bytes_of, restore, write_all
from trueup.verify.compare import Kind
from trueup.verify.judging import Judging, briefly
from trueup.verify.looking import State

from .test_verify import ROOT, SHOP, gone, until

sys.path.insert(0, str(ROOT / "scripts"))

from environments import environment


def state(*imported: str, pydantic: str = "2.14.3", sqlalchemy: str = "2.1.9", **known: Any) -> State:
    empty: dict[str, Any] = {
        "python": "3.11", "versions": {"pydantic": pydantic, "sqlalchemy": sqlalchemy}, "failed": {}, "unknown": {},
        "ddl": {}, "homes": {}, "mapped": {}, "schemas": {},
    }  # fmt: skip
    return State(imported=list(imported), **{**empty, **known})


def failed(*names: str) -> dict[str, dict[str, str]]:
    return {name: {"error": "ImportError: no", "where": f"{name}.py:1"} for name in names}


def model(required: list[str], *, old: bool = False, **properties: Any) -> dict[str, Any]:
    return {"old": old, "schema": {"type": "object", "properties": properties, "required": required}}


class TestJudging:
    def test_what_could_be_imported_has_to_be_importable_still(self) -> None:
        judging = Judging(state("a", failed=failed("b")))
        assert judging.judge(state("a", "b"), models_stay=False) == []
        (wrong,) = judging.judge(state("a", failed=failed("b")), models_stay=False)
        assert (wrong.kind, wrong.name) == (Kind.MODULE, "b")
        assert briefly([wrong, wrong]) == "b cannot be imported any more: ImportError: no (b.py:1) (and 1 more)"
        assert judging.last.imported == ["a", "b"], "a step that is taken back is none"

    def test_what_fails_in_another_way_is_no_worse(self) -> None:
        judging = Judging(state(failed=failed("a")), state("a"))
        other = state(failed={"a": {"error": "TypeError: something else", "where": ""}})
        assert judging.judge(other, models_stay=False) == []

    def test_models_come_to_mean_what_they_meant(self) -> None:
        text = {"type": "string"}
        old = state("a", pydantic="1.10.2", schemas={"a.M": model(["x"], old=True, x=text, y=text)})
        wrong = state("a", schemas={"a.M": model(["x", "y"], x=text, y=text)})
        right = state("a", schemas={"a.M": model(["x"], x=text, y=text)})
        judging = Judging(wrong, old)
        assert [one.part for one in judging.standing.differences] == ["required"]
        assert judging.judge(right, models_stay=False) == []
        assert judging.standing.differences == []
        (one,) = judging.judge(wrong, models_stay=False)
        assert (one.kind, one.name, one.part) == (Kind.SCHEMA, "a.M", "required")

    def test_without_the_old_libraries_only_a_step_about_models_may_change_them(self) -> None:
        one, other = (state("a", schemas={"a.M": model([], x={"type": kind})}) for kind in ("string", "integer"))
        assert Judging(one).judge(other, models_stay=False) == []
        assert len(Judging(one).judge(other, models_stay=True)) == 1

    def test_what_is_seen_for_the_first_time_may_be_wrong_still(self) -> None:
        old = state("a", "b", pydantic="1.10.2", schemas={"b.M": model(["x"], old=True, x={"type": "string"})})
        hidden = state("a", failed=failed("b"))
        seen = state("a", "b", schemas={"b.M": model([], x={"type": "string"})})
        judging = Judging(hidden, old)
        assert judging.judge(seen, models_stay=False) == []
        assert [one.name for one in judging.standing.differences] == ["b.M"], "and is told at the end"

    def test_a_field_may_be_wrong_in_two_ways_before_it_is_right(self) -> None:
        old = state("a", pydantic="1.10.2", schemas={"a.M": model([], old=True, x={"type": "string"})})
        wrong = state("a", schemas={"a.M": model([], x={"type": "integer"})})
        otherwise = state("a", schemas={"a.M": model([], x={"enum": ["p"]})})
        harmed = state("a", schemas={"a.M": model([], x={"type": "integer"}, y={"type": "string"})})
        assert Judging(wrong, old).judge(otherwise, models_stay=False) == []
        assert len(Judging(wrong, old).judge(harmed, models_stay=False)) == 1

    def test_tables_stay_with_and_without_the_old_libraries(self) -> None:
        def tables(text: str, *names: str, **more: Any) -> State:
            return state(*names, ddl={"sqlite": {"t": [f"CREATE TABLE t ({text})"]}}, homes={"t": "a"}, **more)

        for first in (None, tables("x INTEGER", "a", sqlalchemy="1.4.54")):
            judging = Judging(tables("x INTEGER", "a"), first)
            assert judging.judge(tables("x INTEGER", "a"), models_stay=False) == []
            (wrong,) = judging.judge(tables("x FLOAT", "a"), models_stay=False)
            assert briefly([wrong]) == (
                "table t, sqlite: CREATE TABLE t (x INTEGER) -> CREATE TABLE t (x FLOAT)"
            )  # fmt: skip
            (gone,) = judging.judge(state("a"), models_stay=False)
            assert (gone.kind, gone.name) == (Kind.TABLE, "t")
            (new,) = judging.judge(
                state("a", ddl={"sqlite": {"t": ["CREATE TABLE t (x INTEGER)"], "u": ["CREATE TABLE u"]}}),
                models_stay=False,
            )
            assert (new.kind, new.name) == (Kind.TABLE, "u")

        restored = Judging(tables("x FLOAT", "a"), tables("x INTEGER", "a", sqlalchemy="1.4.54"))
        assert restored.judge(tables("x INTEGER", "a"), models_stay=False) == [], "as it was with the old library"

    def test_what_could_be_told_has_to_be_told_still(self) -> None:
        judging = Judging(state("a", mapped={"a.T": {}}))
        (wrong,) = judging.judge(
            state("a", mapped=None, unknown={"mapped": "InvalidRequestError: no"}), models_stay=False
        )
        assert briefly([wrong]) == "mapping mappings: can be told -> InvalidRequestError: no"


class TestRestore:
    """What a step wrote is taken back, whatever of it was written."""

    @pytest.fixture
    def workspace(self, tmp_path: Path) -> Workspace:
        (tmp_path / "pyproject.toml").write_text("")
        (tmp_path / "a.py").write_bytes(b"\xef\xbb\xbfx = 1\r\ny = 2\n")
        # `+AGE-` is what nobody would write for `a`: what is decoded and encoded again has other bytes.
        (tmp_path / "b.py").write_bytes(b"# coding: utf-7\nx = '+AGE-'\n")
        return Workspace.open([str(tmp_path)], Configs.load([str(tmp_path)], CliOptions(), cwd=str(tmp_path)))

    def test_to_the_byte(self, workspace: Workspace, tmp_path: Path) -> None:
        before = contents(tmp_path)
        held = bytes_of(workspace, ["a.py", "b.py"])
        workspace.update({"a.py": "x = 2\r\n", "b.py": workspace.text("b.py") + "y = 1\n"})
        write_all(workspace, dict.fromkeys(held, ("", "")), ())
        assert contents(tmp_path) != before
        assert restore(workspace, held) == []
        assert contents(tmp_path) == before
        assert workspace.text("a.py") == "x = 1\r\ny = 2\n"

    def test_where_the_write_was_interrupted(self, workspace: Workspace, tmp_path: Path) -> None:
        before = contents(tmp_path)
        held = bytes_of(workspace, ["a.py", "b.py"])
        workspace.update({"a.py": "x = 2\n", "b.py": "y = 2\n"})
        (tmp_path / "a.py").write_bytes(b"\xef\xbb\xbfx = 2\n")  # written, and not yet noted
        assert restore(workspace, held) == []
        assert contents(tmp_path) == before
        assert workspace.text("b.py") == "# coding: utf-7\nx = 'a'\n"

    def test_not_over_what_somebody_else_wrote(self, workspace: Workspace, tmp_path: Path) -> None:
        held = bytes_of(workspace, ["a.py"])
        workspace.update({"a.py": "x = 2\n"})
        workspace.write("a.py")
        (tmp_path / "a.py").write_bytes(b"mine\n")
        (problem,) = restore(workspace, held)
        assert "somebody else has changed it" in problem.message
        assert (tmp_path / "a.py").read_bytes() == b"mine\n"

    @pytest.mark.parametrize("written", [True, False])
    def test_a_file_that_was_made_goes(self, workspace: Workspace, tmp_path: Path, written: bool) -> None:
        before = contents(tmp_path)
        workspace.update({"c.py": "x = 1\n"})
        held = bytes_of(workspace, ["c.py"])
        assert held == {"c.py": None}
        if written:
            assert workspace.write("c.py") is None
        assert restore(workspace, held) == []
        assert contents(tmp_path) == before
        assert "c.py" not in {file.path for file in workspace.files}

    def test_ctrl_c_meanwhile_is_heard_afterwards(self) -> None:
        done = []
        with pytest.raises(KeyboardInterrupt), uninterrupted():
            os.kill(os.getpid(), signal.SIGINT)
            done.append(1)
        assert done == [1]
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.py")}


MODELS = """\
from typing import Optional\r
\r
from pydantic import BaseModel\r
\r
\r
class A(BaseModel):\r
    x: Optional[int]\r
\r
    class Config:\r
        orm_mode = True\r
\r
\r
def f(a: A) -> dict:\r
    return a.dict()\r
"""
WITHOUT_CONFIG = MODELS.replace("Optional[int]", "Optional[int] = None").replace("a.dict()", "a.model_dump()")


@pytest.mark.slow
class TestCommand:
    @pytest.fixture
    def current(self) -> Path:
        return environment(SHOP / "requirements-current.txt")

    @pytest.fixture
    def project(self, tmp_path: Path) -> Path:
        """A program of which a second module will not have the first one changed in one way."""
        folder = tmp_path / "project"
        (folder / "app").mkdir(parents=True)
        (folder / "pyproject.toml").write_text("")
        (folder / "app" / "__init__.py").write_text("")
        (folder / "app" / "models.py").write_bytes(MODELS.encode())
        return folder

    def test_a_step_that_breaks_the_program_is_taken_back(self, project: Path, current: Path) -> None:
        (project / "app" / "asks.py").write_text("from app.models import A\n\nassert hasattr(A, 'Config'), 'gone'\n")
        done = migrate(project, "--python", current)
        assert done.returncode == TAKEN_BACK, done.stderr
        assert (project / "app" / "models.py").read_bytes() == WITHOUT_CONFIG.encode()
        why = "app.asks cannot be imported any more: AssertionError: gone (app/asks.py:3)"
        assert f"config: taken back: {why}\n" in done.stdout
        assert "these stand: fields, methods." in done.stdout
        assert "--verify imports 3 modules" in done.stderr

        again = migrate(project, "--python", current)
        assert again.returncode == TAKEN_BACK
        assert (project / "app" / "models.py").read_bytes() == WITHOUT_CONFIG.encode()

    def test_a_model_that_comes_to_mean_something_else(self, project: Path, current: Path) -> None:
        legacy = environment(SHOP / "requirements-legacy.txt")
        text = MODELS + (
            "\r\nif not hasattr(A, 'Config'):\r\n    A = type('A', (BaseModel,), {'__module__': __name__})\r\n"
        )
        (project / "app" / "models.py").write_bytes(text.encode())
        assert migrate(project, "--python", current, "--step", "config").returncode in (0, 3), "it cannot be told"
        (project / "app" / "models.py").write_bytes(text.encode())
        done = migrate(project, "--python", current, "--python-before", legacy)
        assert done.returncode == TAKEN_BACK, done.stderr
        assert "schema app.models.A" in done.stdout
        assert b"class Config" in (project / "app" / "models.py").read_bytes()

    def test_a_program_that_does_not_end_any_more(self, project: Path, current: Path) -> None:
        waits = "import time\nfrom app.models import A\n\nif not hasattr(A, 'Config'):\n    time.sleep(1000)\n"
        (project / "app" / "waits.py").write_text(waits)
        done = migrate(project, "--python", current, "--timeout", "12")
        assert done.returncode == TAKEN_BACK, done.stderr
        assert "config: taken back: the program could not be verified: " in done.stdout
        assert "took longer than 12 s while importing app.waits" in done.stdout
        assert (project / "app" / "models.py").read_bytes() == WITHOUT_CONFIG.encode()

    @pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
    def test_a_step_that_is_not_verified_to_the_end_is_taken_back(
        self, number: int, code: int, project: Path, current: Path
    ) -> None:
        waits = (
            "import os, pathlib, time\nfrom app.models import A\n\nif not hasattr(A, 'Config'):\n"
            "    pathlib.Path('pid').write_text(str(os.getpid()))\n    time.sleep(1000)\n"
        )
        (project / "app" / "waits.py").write_text(waits)
        process = subprocess.Popen(
            [*MIGRATE, "--python", str(current)], cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        until(lambda: (project / "pid").exists() and bool((project / "pid").read_text()))
        assert b"model_config" in (project / "app" / "models.py").read_bytes()
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == code, errors
        assert ("interrupted; every file is whole" in errors) == (number == signal.SIGINT)
        text = MODELS.replace("Optional[int]", "Optional[int] = None")
        assert (project / "app" / "models.py").read_bytes() == text.encode(), "the step before stands"
        assert gone(int((project / "pid").read_text()))

    def test_old_libraries_are_refused_but_for_what_prepares(self, project: Path) -> None:
        legacy = environment(SHOP / "requirements-legacy.txt")
        done = migrate(project, "--python", legacy)
        assert done.returncode == 2
        assert "has Pydantic 1.10.27, and the step `imports` writes code for Pydantic 2" in done.stderr
        assert (project / "app" / "models.py").read_bytes() == MODELS.encode()
        prepared = migrate(project, "--python", legacy, "--step", "prepare")
        assert prepared.returncode in (0, 3), prepared.stderr
        assert "these stand: prepare." in prepared.stdout

    def test_a_program_that_cannot_be_run_is_refused_before_anything_is_written(
        self, project: Path, current: Path
    ) -> None:
        (project / "app" / "asks.py").write_text("import time\ntime.sleep(1000)\n")
        for arguments, why in (
            (("--python", "/bin/false"), "does not run the probe"),
            (("--python", "/no/such"), "/no/such: there is no such file"),
            (("--python", current, "--timeout", "5"), "took longer than 5 s while importing app.asks"),
            (("--python", current, "--diff"), "it does not go with --diff or --plan"),
        ):
            done = migrate(project, *arguments)
            assert done.returncode == 2, why
            assert why in done.stderr
        assert (project / "app" / "models.py").read_bytes() == MODELS.encode()

    def test_the_legacy_shop_loses_no_step(self, tmp_path: Path, current: Path) -> None:
        legacy = environment(SHOP / "requirements-legacy.txt")
        shop = tmp_path / "shop"
        shutil.copytree(SHOP, shop, ignore=shutil.ignore_patterns("__pycache__", "tests"))
        done = migrate(shop, "--python", current, "--python-before", legacy, "--app", "shop.main:app")
        assert done.returncode in (0, 3), done.stdout + done.stderr
        assert done.stdout.endswith("Nothing differs from the program as it was before the first step.\n")
        assert "53 of 53 modules can be imported now" in done.stdout


MIGRATE = [sys.executable, "-P", "-m", "trueup", "migrate-v2", ".", "--allow-no-vcs", "--verify", "--no-cache"]


def migrate(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [*MIGRATE, *map(str, arguments)]
    return subprocess.run(command, cwd=folder, text=True, capture_output=True, check=False, timeout=600)
