"""`--baseline` and `--since` as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .plugin import Plugged

SOURCE = "def f():\n    old()\n    old(1)\n"
SETTINGS = '[tool.trueup]\nbaseline = "known.json"\n'


@pytest.fixture
def project(tmp_path: Path) -> Plugged:
    """A repository with a baseline of three findings in two files."""
    (tmp_path / "project").mkdir()
    plugged = Plugged(tmp_path / "project", tmp_path / "plugin")
    plugged.environment.pop("CI", None)
    plugged.write({"pyproject.toml": SETTINGS, "a.py": SOURCE, "pkg/b.py": "class A:\n    old()\n"})
    ran = plugged.run("check", "--update-baseline")
    assert (ran.code, ran.err) == (0, "trueup: wrote 3 findings to known.json\n")
    plugged.write({"pkg/__init__.py": ""})
    return plugged


def baseline(project: Plugged) -> dict[str, list[dict[str, str]]]:
    files = json.loads((project.folder / "known.json").read_text())["files"]
    assert isinstance(files, dict)
    return files


def test_known_findings_are_hidden_and_new_ones_are_not(project: Plugged) -> None:
    assert project.run("check") == (0, "Found nothing in 3 files (3 hidden by the baseline).\n", "")
    assert project.run("check", "--no-baseline").code == 1
    # Formatted anew, moved and indented: the same findings. One more: a new one.
    project.write({"a.py": "import os\n\ndef f():\n  if os:\n    old(\n      1,\n    )\n  old(2)\n  old()\n"})
    ran = project.run("check")
    assert ran.code == 1
    assert ran.out.splitlines()[0].startswith("a.py:8:3: TUX101 ")
    assert "Found 1 error (3 hidden by the baseline)." in ran.out
    assert json.loads(project.run("check", "--output-format", "json").out)[0]["baseline"] == "new"
    sarif = json.loads(project.run("check", "--output-format", "sarif").out)["runs"][0]["results"]
    assert sorted(one["baselineState"] for one in sarif) == ["new", "unchanged", "unchanged", "unchanged"]


def test_a_renamed_file_and_a_moved_class_stay_known(project: Plugged) -> None:
    project.git("mv", "a.py", "c.py")
    project.write({"pkg/b.py": "", "pkg/d.py": "x = 1\n\n\nclass A:\n    old()\n"})
    assert project.run("check") == (0, "Found nothing in 4 files (3 hidden by the baseline).\n", "")


def test_it_shrinks_by_itself_but_not_in_ci(project: Plugged) -> None:
    project.write({"a.py": "def f():\n    old(1)\n"})
    before = baseline(project)
    project.environment["CI"] = "true"
    ran = project.run("check")
    assert (ran.code, baseline(project)) == (0, before)
    assert ran.err == "trueup: 1 baseline entry is gone: `--prune-baseline` takes it out of known.json\n"
    assert project.run("check", "--error-stale-baseline").code == 1
    assert project.run("check", "--error-stale-baseline", "pkg").code == 0
    # Part of the project, or of the rules, proves nothing about the rest.
    del project.environment["CI"]
    assert project.run("check", "pkg").err == ""
    assert project.run("check", "--select", "TUX102").err == ""
    assert project.run("check", "a.py").err.endswith("out of known.json\n")
    assert project.run("check", "-q").code == 0
    assert [len(rows) for rows in baseline(project).values()] == [1, 1]
    assert project.run("check", "--error-stale-baseline").code == 0


def test_what_does_not_parse_stays_known_and_is_reported(project: Plugged) -> None:
    before = baseline(project)
    project.write({"a.py": "def f(:\n    old()\n"})
    ran = project.run("check")
    assert ran.code == 1
    assert "TU000" in ran.out
    assert baseline(project) == before
    project.run("check", "--update-baseline")
    assert baseline(project) == before


def test_it_grows_only_when_asked(project: Plugged) -> None:
    project.write({"a.py": SOURCE + "    odd()\n"})
    before = baseline(project)
    assert project.run("check").code == 1
    assert baseline(project) == before
    assert project.run("check", "--update-baseline", "pkg").code == 0
    assert baseline(project) == before
    assert project.run("check", "--update-baseline", "--fix").code == 0
    assert [len(rows) for rows in baseline(project).values()] == [2]
    assert project.read()["pkg/b.py"] == "class A:\n    new()\n"


def test_faults_of_a_baseline(project: Plugged) -> None:
    (project.folder / "known.json").write_text("{")
    ran = project.run("check")
    assert ran.code == 2
    assert "known.json: the baseline is not valid JSON" in ran.err
    ran = project.run("check", "--baseline", "nothing.json")
    assert ran.code == 2
    assert "nothing.json: the baseline does not exist; `--update-baseline` makes it" in ran.err


def test_the_default_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    project = Plugged(tmp_path / "project", tmp_path / "plugin")
    project.write({"a.py": SOURCE})
    assert project.run("check", "--update-baseline").err.splitlines() == [
        "trueup: wrote 2 findings to .trueup-baseline.json",
        'trueup: to use it, write `baseline = ".trueup-baseline.json"` into [tool.trueup]',
    ]
    assert project.run("check").code == 1
    assert project.run("check", "--baseline", ".trueup-baseline.json").code == 0


def test_since_a_commit_only_what_is_new_is_reported(project: Plugged) -> None:
    args = ("check", "--no-baseline", "--since", "HEAD")
    assert project.run(*args) == (0, "Found nothing in 3 files (3 older than HEAD).\n", "")
    (project.folder / "a.py").rename(project.folder / "é.py")
    (project.folder / "new.py").write_text("odd()\n")
    (project.folder / "pkg/b.py").write_text("# moved\nclass A:\n    old()\n    old()\n")
    ran = project.run(*args)
    assert [line.split(" ")[0] for line in ran.out.splitlines()[:2]] == ["new.py:1:1:", "pkg/b.py:4:5:"]
    assert "(3 older than HEAD)" in ran.out
    assert project.run(*args) == ran  # from the cache
    assert project.run(*args, "--no-cache") == ran
    assert project.run(*args, "pkg").out.startswith("pkg/b.py:4:5:")
    assert project.run("check", "--since", "nope") == (2, "", "trueup: --since nope: git knows no such commit\n")


def test_what_the_baseline_hides_leaves_no_room_for_what_is_new(project: Plugged) -> None:
    (project.folder / "a.py").write_text(SOURCE + "\n\ndef g():\n    old()\n")
    for args in (("--since", "HEAD"), ("--since", "HEAD", "--no-baseline")):
        ran = project.run("check", *args)
        assert [line.split(" ")[0] for line in ran.out.splitlines() if "TUX" in line] == ["a.py:7:5:"], args


def test_the_name_of_a_baseline_cannot_write_into_the_terminal(project: Plugged) -> None:
    ran = project.run("check", "--baseline", "\x1b[31m.json", "--update-baseline")
    assert (ran.code, ran.err) == (0, "trueup: wrote 3 findings to \\x1b[31m.json\n")
