"""`migrate-v2` from end to end: what it writes step by step, what it says, and how it ends."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from trueup.migrate.steps import STEPS as ALL_STEPS

from .plugin import Plugged

STEPS = {step.name: step for step in ALL_STEPS}

MIXED = "def f():\n    old()\n    old(1)  # keep\n    odd()\n    earlier = 1\n"
DONE = "def f():\n    new()\n    new(1)  # keep\n    odd()\n    later = 1\n"


@pytest.fixture
def project(tmp_path: Path) -> Plugged:
    """A committed project with work for two steps, and a place for a person."""
    (tmp_path / "project").mkdir()
    plugged = Plugged(tmp_path / "project", tmp_path / "plugin")
    plugged.write({"a.py": MIXED, "pkg/b.py": "old()\n", "pkg/clean.py": "new()\n", "pyproject.toml": ""})
    return plugged


def test_the_whole_migration(project: Plugged) -> None:
    ran = project.run("migrate-v2")
    assert ran.code == 3
    assert ran.err == ""
    assert project.read() == {"a.py": DONE, "pkg/b.py": "new()\n", "pkg/clean.py": "new()\n"}
    assert ran.out.splitlines() == [
        "imports: Pydantic's moved and renamed imports",
        "  TUX102 earlier-name      1 in 1 file",
        "methods: methods of models and functions: `.dict()` -> `.model_dump()`, `parse_obj_as` -> `TypeAdapter`",
        "  TUX101 old-call      3 in 2 files",
        "    1 may change behaviour: The argument is read twice",
        "      a.py",
        "",
        "What is left for you: 1 place, about 2 minutes",
        "",
        "Settle calls of the methods of models: 1 place, about 2 minutes",
        f"  Not done by machine: {STEPS['methods'].undecidable}.",
        "  TUX101 `odd()` is gone: decide what it was for",
        "    a.py:4",
        "  https://example.org/#old",
        "",
        "Repaired 4 places in 2 of 3 files; 1 left for you; 0 undecided.",
    ]


def test_a_second_run_changes_nothing(project: Plugged) -> None:
    project.run("migrate-v2")
    project.git("commit", "-qam", "migrated")
    before = project.read()
    ran = project.run("migrate-v2")
    assert ran.code == 3
    assert project.read() == before
    assert "Repaired 0 places in 0 of 3 files; 1 left for you" in ran.out
    project.write({"a.py": DONE.replace("    odd()\n", "")})
    assert project.run("migrate-v2").code == 0
    assert project.git("status", "--porcelain", "--", "*.py") == ""


def test_diff_is_the_patch_that_the_migration_makes(project: Plugged) -> None:
    before = project.read()
    ran = project.run("migrate-v2", "--diff")
    assert ran.code == 1
    assert project.read() == before
    assert "Would repair 4 places in 2 of 3 files" in ran.err
    subprocess.run(["git", "apply", "-"], cwd=project.folder, input=ran.out.encode(), check=True)
    assert project.read()["a.py"] == DONE
    assert project.run("migrate-v2", "--diff").code == 0


def test_plan_counts_by_step(project: Plugged) -> None:
    before = project.read()
    ran = project.run("migrate-v2", "--plan")
    assert ran.code == 1
    assert project.read() == before
    rows = {line.split()[0]: line.split()[1:] for line in ran.out.splitlines() if line}
    assert rows["step"] == ["files", "edits", "risky", "by", "hand", "undecided"]
    assert rows["imports"] == ["1", "1", "0", "0", "0"]
    assert rows["methods"] == ["2", "3", "1", "1", "0"]
    assert rows["all"] == ["2", "4", "1", "1", "0"]
    verbose = project.run("migrate-v2", "--plan", "-v").out.splitlines()
    at = verbose.index("    TUX101 old-call: 3 edits, 1 by hand")
    assert verbose[at + 1 : at + 3] == ["      a.py  2, 1 by hand", "      pkg/b.py  1"]
    assert project.run("migrate-v2", "--plan", "pkg/clean.py").code == 0


def test_steps_can_be_chosen_and_left_out(project: Plugged) -> None:
    listed = project.run("migrate-v2", "--list-steps")
    assert listed.code == 0
    rows = re.split(r"\n(?! )", listed.out.strip())
    steps = {row.split()[0]: row for row in rows}
    assert "TUX101" in steps["methods"]
    assert "on request" in steps["layers"]
    skipped = project.run("migrate-v2", "--skip", "methods")
    assert skipped.code == 0
    assert project.read()["a.py"] == MIXED.replace("earlier", "later")
    project.git("checkout", "-q", ".")
    assert project.run("migrate-v2", "--step", "methods").code == 3
    assert project.read()["a.py"] == DONE.replace("later", "earlier")


def test_safe_only_holds_back_what_may_change_behaviour(project: Plugged) -> None:
    ran = project.run("migrate-v2", "--safe-only")
    assert ran.code == 3
    assert "    old(1)  # keep\n" in project.read()["a.py"]
    assert "Let the machine do what was held back: 1 place" in ran.out
    assert "(The argument is read twice; run without `--safe-only`)\n    a.py:3\n" in ran.out
    project.git("checkout", "-q", ".")
    assert project.run("migrate-v2", "--safe-only", "--unsafe-fixes").code == 2
    project.run("migrate-v2", "--unsafe-fixes", "--no-progress")
    assert project.read()["a.py"] == DONE


def test_the_select_of_check_has_no_say_but_unfixable_and_suppressions_have(project: Plugged) -> None:
    settings = "[tool.trueup]\nselect = ['TUX102']\nunfixable = ['TUX102']\n"
    project.write({"pyproject.toml": settings, "a.py": MIXED.replace("old()", "old()  # trueup: ignore[TUX101]")})
    ran = project.run("migrate-v2")
    assert project.read()["a.py"] == DONE.replace("new()", "old()  # trueup: ignore[TUX101]").replace(
        "later", "earlier"
    )
    assert "  TUX102 `earlier` is `later` today (`unfixable` in the settings holds it back)\n    a.py:5\n" in ran.out


def test_the_guard_comes_before_any_change(project: Plugged) -> None:
    (project.folder / "a.py").write_text(MIXED + "\n")
    before = project.read()
    ran = project.run("migrate-v2")
    assert (ran.code, ran.out) == (2, "")
    assert "a.py" in ran.err
    assert "git stash push -u -- ." in ran.err
    assert project.read() == before
    assert project.run("migrate-v2", "--diff").code == 1
    assert project.run("migrate-v2", "pkg").code == 0
    assert project.run("migrate-v2", "--allow-dirty").code == 3


def test_outside_git_it_must_be_asked_for(project: Plugged, tmp_path: Path) -> None:
    (project.folder / ".git").rename(tmp_path / "away")
    assert project.run("migrate-v2").code == 2
    assert project.read()["a.py"] == MIXED
    assert project.run("migrate-v2", "--allow-no-vcs").code == 3


def test_what_git_ignores_is_not_touched(project: Plugged) -> None:
    project.write({".gitignore": "gen/\n"})
    (project.folder / "gen").mkdir()
    (project.folder / "gen" / "c.py").write_text("old()\n")
    assert "gen/c.py is ignored by git" in project.run("migrate-v2", "pkg", "gen/c.py").err
    assert project.run("migrate-v2").code == 3
    assert project.read()["gen/c.py"] == "old()\n"


def test_a_file_that_does_not_parse_is_left_alone_and_named(project: Plugged) -> None:
    project.write({"broken.py": "old(\n"})
    ran = project.run("migrate-v2")
    assert ran.code == 3
    assert "Make these files readable: 1 place" in ran.out
    assert "    broken.py:1\n" in ran.out
    assert ["(not", "readable)", "1", "1"] in [
        line.split() for line in project.run("migrate-v2", "--plan").out.splitlines()
    ]
    assert project.read()["broken.py"] == "old(\n"
    assert project.read()["a.py"] == DONE


def test_a_file_that_cannot_be_written_fails_the_run_and_keeps_its_content(project: Plugged) -> None:
    (project.folder / "a.py").chmod(0o400)
    ran = project.run("migrate-v2", "--allow-dirty")
    assert ran.code == 2
    assert "a.py: is not changed: it is read-only" in ran.err
    assert project.read() == {"a.py": MIXED, "pkg/b.py": "new()\n", "pkg/clean.py": "new()\n"}
    assert "Repaired 1 place in 1 of 3 files" in ran.out


def test_receivers_of_unknown_type_are_listed(project: Plugged) -> None:
    project.write({"a.py": "from pydantic import BaseModel\n\n\ndef f(thing):\n    return thing.dict()\n"})
    ran = project.run("migrate-v2")
    assert "Undecided: 1 place" in ran.out
    assert "    a.py:5\n" in ran.out
    assert ran.out.endswith("0 left for you; 1 undecided.\n")
    assert ran.code == 0
    assert "a.py:5:12: `thing.dict`" in project.run("migrate-v2", "--plan", "-v").out


def test_what_cannot_be_repaired_says_why(project: Plugged) -> None:
    project.write({"a.py": "# one\nold(1.5)\nearlier\n"})
    ran = project.run("migrate-v2")
    assert ran.code == 3
    assert "  TUX101 `old()` is gone: call `new()` (a float was never meant)\n    a.py:2\n" in ran.out


# Between two writes the process gets Ctrl-C; what it does then is its own affair, not this program's.
INTERRUPTED = """
import os, signal, sys
import trueup.files
from trueup.__main__ import main

replace = os.replace
def stopped(a, b):
    replace(a, b)
    os.kill(os.getpid(), signal.SIGINT)
os.replace = stopped
sys.exit(main(["migrate-v2"]))
"""


def test_ctrl_c_between_two_files_leaves_each_whole_and_the_next_run_goes_on(project: Plugged) -> None:
    project.write({"c.py": "earlier\n"})
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED],
        cwd=project.folder,
        env=project.environment,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (128 + signal.SIGINT, b"")
    assert b"interrupted" in done.stderr
    assert b"Traceback" not in done.stderr
    halfway = project.read()
    assert halfway["a.py"] == MIXED.replace("earlier", "later")
    assert halfway["c.py"] == "earlier\n"
    assert [p.name for p in project.folder.iterdir() if "trueup-tmp" in p.name] == []
    assert project.run("migrate-v2", "--allow-dirty").code == 3
    assert project.read() == {"a.py": DONE, "c.py": "later\n", "pkg/b.py": "new()\n", "pkg/clean.py": "new()\n"}
