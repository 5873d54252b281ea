"""`check --fix` and `check --diff`: what is written, what is only shown, and how it ends."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from .plugin import Plugged

MIXED = "def f():\r\n    old()\r\n    old(1)  # keep\r\n    odd()\r\n"


@pytest.fixture
def project(tmp_path: Path) -> Plugged:
    """A repository with one file that has a safe, an unsafe and a manual finding, and one that has a safe one."""
    (tmp_path / "project").mkdir()
    plugged = Plugged(tmp_path / "project", tmp_path / "plugin")
    plugged.write({"a.py": MIXED, "b.py": "old()\n", "clean.py": "new()\n"})
    return plugged


def test_check_only_says(project: Plugged) -> None:
    before = project.read()
    ran = project.run("check")
    assert ran.code == 1
    assert ran.err == ""
    assert ran.out.splitlines() == [
        "a.py:2:5: TUX101 [*] `old()` is gone: call `new()`",
        "a.py:3:5: TUX101 `old()` is gone: call `new()`",
        "a.py:4:5: TUX101 `odd()` is gone: decide what it was for",
        "b.py:1:1: TUX101 [*] `old()` is gone: call `new()`",
        "Found 4 errors.",
        "[*] 2 fixable with `--fix`, 1 more with `--unsafe-fixes`, 1 by hand.",
    ]
    assert project.read() == before


def test_fix_repairs_what_is_safe_and_reports_the_rest(project: Plugged) -> None:
    ran = project.run("check", "--fix")
    assert ran.code == 1
    assert project.read() == {
        "a.py": "def f():\r\n    new()\r\n    old(1)  # keep\r\n    odd()\r\n",
        "b.py": "new()\n",
        "clean.py": "new()\n",
    }
    assert [line.split(": ")[0] for line in ran.out.splitlines()[:2]] == ["a.py:3:5", "a.py:4:5"]
    assert "Found 2 errors (2 fixed)." in ran.out
    assert ran.err.splitlines() == [
        "Repaired 2 findings in 2 files:",
        "  a.py: 1 x TUX101 (old-call)",
        "  b.py: 1 x TUX101 (old-call)",
    ]
    assert project.run("check", "--fix", "-q").err == ""


def test_exit_codes_of_fix(project: Plugged) -> None:
    assert project.run("check", "--fix", "b.py").code == 0
    project.git("checkout", "-q", ".")
    assert project.run("check", "--fix", "--exit-non-zero-on-fix", "b.py").code == 1
    assert project.run("check", "--fix", "--exit-non-zero-on-fix", "b.py").code == 0
    only = project.run("check", "--fix-only", "a.py")
    assert (only.code, only.out) == (0, "")
    assert "old(1)" in project.read()["a.py"]
    assert project.run("check", "--fix", "--unsafe-fixes", "a.py").code == 1
    assert project.read()["a.py"] == "def f():\r\n    new()\r\n    new(1)  # keep\r\n    odd()\r\n"


def test_diff_writes_nothing_and_hides_nothing(project: Plugged) -> None:
    before = project.read()
    ran = project.run("check", "--diff", "--unsafe-fixes")
    assert ran.code == 1
    assert project.read() == before
    assert ran.out.startswith("--- a/a.py\n+++ b/a.py\n")
    assert "a.py:4:5: TUX101 `odd()`" in ran.err
    assert "Found 1 error (3 fixed by the diff)." in ran.err
    patch = ran.out.encode()
    subprocess.run(["git", "apply", "-"], cwd=project.folder, input=patch, check=True)
    assert project.run("check", "--fix", "--unsafe-fixes").err == ""
    assert project.run("check", "--diff", "clean.py") == (0, "", "Found nothing in 1 file.\n")
    manual = project.run("check", "--diff", "--unsafe-fixes", "a.py")
    assert (manual.code, manual.out) == (1, "")
    assert project.run("check", "--diff", "--exit-zero").code == 0


def test_the_configuration_can_forbid_a_fix(project: Plugged) -> None:
    before = project.read()
    assert project.run("check", "--fix", "--config", "unfixable = ['TUX1']").code == 1
    assert project.read() == before
    promoted = project.run("check", "--fix", "--config", "extend-safe-fixes = ['old-call']", "a.py")
    assert "Found 1 error (2 fixed)." in promoted.out


def test_encodings_and_line_ends_survive(project: Plugged) -> None:
    files: dict[str, str | bytes] = {
        "latin.py": b"# coding: latin-1\nx = '\xe9'\nold()",
        "bom.py": b"\xef\xbb\xbfold()\r\n",
    }
    project.write(files)
    patch = project.run("check", "--diff").out.encode("utf-8", "surrogateescape")
    fixed = {"latin.py": b"# coding: latin-1\nx = '\xe9'\nnew()", "bom.py": b"\xef\xbb\xbfnew()\r\n"}
    subprocess.run(["git", "apply", "-"], cwd=project.folder, input=patch, check=True)
    assert {name: (project.folder / name).read_bytes() for name in fixed} == fixed
    project.git("checkout", "-q", ".")
    project.run("check", "--fix")
    assert {name: (project.folder / name).read_bytes() for name in fixed} == fixed


def test_fix_on_stdin_gives_the_source_back(project: Plugged) -> None:
    ran = project.run("check", "--fix", "-", "--stdin-filename", "a.py", stdin=MIXED.encode())
    assert ran.code == 1
    assert ran.out == "def f():\r\n    new()\r\n    old(1)  # keep\r\n    odd()\r\n"
    assert "a.py:3:5: TUX101" in ran.err
    bom = project.run("check", "--fix", "-", stdin=b"\xef\xbb\xbfold()\r\n")
    assert bom[:2] == (0, "\ufeffnew()\r\n")
    same = project.run("check", "--fix", "-", stdin=b"def f(:\r\n")
    assert same[:2] == (1, "def f(:\r\n")
    shown = project.run("check", "--diff", "-", "--stdin-filename", "b.py", stdin=b"old()\n")
    assert shown.out == "--- a/b.py\n+++ b/b.py\n@@ -1 +1 @@\n-old()\n+new()\n"
    assert project.read()["b.py"] == "old()\n"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write what is read-only")
def test_a_read_only_folder_is_a_fault_and_the_others_go_on(project: Plugged) -> None:
    project.write({"locked/c.py": "old()\n"})
    (project.folder / "locked").chmod(0o500)
    ran = project.run("check", "--fix")
    (project.folder / "locked").chmod(0o700)
    assert ran.code == 2
    assert "locked/c.py: is not changed" in ran.err
    assert "locked/c.py:1:1: TUX101" in ran.out
    assert project.read()["b.py"] == "new()\n"


def test_a_read_only_file_is_a_fault_and_the_others_go_on(project: Plugged) -> None:
    (project.folder / "a.py").chmod(0o400)
    ran = project.run("check", "--fix")
    assert ran.code == 2
    assert "trueup: a.py: is not changed: it is read-only" in ran.err
    assert "a.py:2:5: TUX101" in ran.out
    assert project.read()["a.py"] == MIXED
    assert project.read()["b.py"] == "new()\n"


def test_a_fix_that_cannot_be_made_says_why(project: Plugged) -> None:
    project.write({"held.py": "old(1.5)\n"})
    ran = project.run("check", "--fix", "--unsafe-fixes", "held.py")
    assert ran.code == 1
    assert "not repaired: held.py:1:1: TUX101 a float was never meant" in ran.err
    assert project.read()["held.py"] == "old(1.5)\n"


def test_a_broken_fixer_is_named_and_the_others_go_on(project: Plugged) -> None:
    project.write({"broken.py": "old(1j)\nold()\n"})
    ran = project.run("check", "--fix", "--unsafe-fixes", "broken.py")
    assert ran.code == 2
    assert "TU900" in ran.err
    assert "Traceback" not in ran.err
    assert project.read()["broken.py"] == "old(1j)\nnew()\n"


def test_a_broken_rule_is_named_and_the_others_go_on(project: Plugged) -> None:
    project.write({"burning.py": "earlier\nburn()\n"})
    ran = project.run("check", "burning.py")
    assert ran.code == 2
    assert "burning.py:2:1: TU000 rule TUX101 (old-call) failed" in ran.out
    assert "burning.py:1:1: TUX102" in ran.out
    assert "Traceback" not in ran.out + ran.err
