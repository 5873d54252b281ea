"""`migrate-v2 --commit` and `--markers` in real repositories, with real hooks."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from .plugin import Plugged
from .test_migrate_run import DONE, MIXED

MARK = "    # TODO(trueup TUX101): `odd()` is gone: decide what it was for\n"
MARKED = DONE.replace("    odd()\n", MARK + "    odd()\n")


@pytest.fixture
def project(tmp_path: Path) -> Plugged:
    """A committed project with work for two steps, and a place for a person."""
    (tmp_path / "project").mkdir()
    plugged = Plugged(tmp_path / "project", tmp_path / "plugin")
    for name, value in (("user.name", "A"), ("user.email", "a@example.org"), ("commit.gpgsign", "false")):
        plugged.git("config", name, value)
    plugged.write({"a.py": MIXED, "pkg/b.py": "old()\n", "notes.txt": "one\n", "pyproject.toml": ""})
    return plugged


def hook(project: Plugged, name: str, script: str) -> None:
    path = project.folder / ".git" / "hooks" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def subjects(project: Plugged) -> list[str]:
    return project.git("log", "--format=%s", "--reverse").splitlines()[1:]


def test_each_step_is_a_commit_that_says_what_and_why(project: Plugged) -> None:
    ran = project.run("migrate-v2", "--commit")
    assert (ran.code, ran.err) == (3, "")
    assert subjects(project) == [
        "trueup(TUX1): imports -> their new places [1 file, 1 edit]",
        "trueup(TUX1): methods of models -> model_* [2 files, 3 edits]",
    ]
    assert "2 commits, nothing pushed\n  trueup(TUX1): imports" in ran.out
    assert project.git("status", "--porcelain") == ""
    assert project.git("show", "--name-only", "--format=", "HEAD").split() == ["a.py", "pkg/b.py"]
    body = project.git("log", "-1", "--format=%b")
    assert body == (
        "Methods of models and functions: `.dict()` -> `.model_dump()`,\n"
        "`parse_obj_as` -> `TypeAdapter`.\n"
        "\n"
        "TUX101 old-call: 3 in 2 files\n"
        "  A call of `old`, which is `new` today.\n"
        "  2 keep behaviour.\n"
        "  1 may change it: The argument is read twice.\n"
        "  https://example.org/#old\n"
        "\n"
        "Files:\n"
        "  a.py\n"
        "  pkg/b.py\n"
        "\n"
        "Made by trueup 0.1.0: `trueup migrate-v2 --commit`\n\n"
    )


def test_the_same_input_gives_the_same_trees_and_a_second_run_no_commit(project: Plugged, tmp_path: Path) -> None:
    subprocess.run(["git", "clone", "-q", str(project.folder), str(tmp_path / "copy")], check=True)
    first = project.run("migrate-v2", "--commit", "--markers")
    trees = project.git("log", "--format=%T %B")
    again = project.run("migrate-v2", "--commit", "--markers")
    assert (first.code, again.code) == (3, 3)
    assert project.git("log", "--format=%T %B") == trees
    project.folder = tmp_path / "copy"
    for name, value in (("user.name", "B"), ("user.email", "b@example.org")):
        project.git("config", name, value)
    project.run("migrate-v2", "--commit", "--markers")
    assert project.git("log", "--format=%T %B") == trees


def test_only_what_trueup_changed_is_committed(project: Plugged) -> None:
    (project.folder / "notes.txt").write_text("two\n")
    project.git("add", "notes.txt")
    (project.folder / "new.txt").write_text("new\n")
    assert project.run("migrate-v2", "--commit").code == 3
    assert project.git("status", "--porcelain") == "M  notes.txt\n?? new.txt\n"
    assert len(subjects(project)) == 2


def test_changes_that_are_not_committed_are_refused_whatever_is_allowed(project: Plugged) -> None:
    (project.folder / "a.py").write_text(MIXED + "\n")
    ran = project.run("migrate-v2", "--commit")
    assert ran.code == 2
    assert "1 Python file has changes that are not committed: a.py" in ran.err
    assert "--allow-dirty" not in ran.err
    for option in ("--allow-dirty", "--allow-no-vcs", "--diff", "--plan"):
        refused = project.run("migrate-v2", "--commit", option)
        assert (refused.code, refused.out) == (2, "")
        assert "--commit writes, and commits nothing but what trueup changed" in refused.err
    assert subjects(project) == []


def test_without_a_name_or_in_the_middle_of_a_merge_nothing_begins(project: Plugged) -> None:
    project.environment |= {"HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"}
    project.git("config", "--unset", "user.name")
    project.git("config", "--unset", "user.email")
    project.git("config", "user.useConfigOnly", "true")
    ran = project.run("migrate-v2", "--commit")
    assert ran.code == 2
    assert "git config user.name" in ran.err
    project.git("config", "user.name", "A")
    project.git("config", "user.email", "a@example.org")
    (project.folder / ".git" / "MERGE_HEAD").write_text(project.git("rev-parse", "HEAD"))
    ran = project.run("migrate-v2", "--commit")
    assert ran.code == 2
    assert "a merge is going on in" in ran.err
    assert project.read()["a.py"] == MIXED


def test_a_hook_that_refuses_ends_the_run_with_what_it_said(project: Plugged) -> None:
    hook(project, "commit-msg", 'grep -q imports "$1" && exit 0\necho "no ticket in the subject" >&2\nexit 1')
    ran = project.run("migrate-v2", "--commit", "--report", "r.json")
    assert ran.code == 2
    assert len(subjects(project)) == 1
    lines = ran.err.splitlines()
    assert "would not commit `trueup(TUX1): methods of models -> model_* [2 files, 3 edits]`" in lines[0]
    assert lines[1] == "trueup:   no ticket in the subject"
    assert "restore ." in lines[2]
    assert "left for you" not in ran.out
    assert project.git("status", "--porcelain", "--", "*.py") == " M a.py\n M pkg/b.py\n"
    (project.folder / ".git" / "hooks" / "commit-msg").unlink()
    project.git("restore", ".")
    assert project.run("migrate-v2", "--commit").code == 3
    assert len(subjects(project)) == 2
    assert project.read()["a.py"] == DONE


@pytest.mark.parametrize("stages", [True, False])
def test_a_hook_that_formats_has_its_way_and_the_steps_go_on_from_there(project: Plugged, stages: bool) -> None:
    # As pre-commit's formatters do, it refuses once when it has changed something.
    after = "git add a.py" if stages else "exit 1"
    hook(project, "pre-commit", f"grep -q formatted a.py && exit 0\necho '# formatted' >> a.py\n{after}")
    ran = project.run("migrate-v2", "--commit")
    assert (ran.code, ran.err) == (3, "")
    assert len(subjects(project)) == 2
    assert project.read()["a.py"] == DONE + "# formatted\n"
    assert project.git("status", "--porcelain") == ""
    assert project.git("show", "HEAD:a.py") == DONE + "# formatted\n"


def test_hooks_of_another_repository_around_do_not_matter(project: Plugged) -> None:
    project.environment |= {"GIT_DIR": "/nonexistent", "GIT_INDEX_FILE": "/nonexistent/index"}
    assert project.run("migrate-v2", "--commit").code == 3
    assert len(subjects(project)) == 2


def test_names_that_git_would_take_for_patterns(project: Plugged) -> None:
    project.write({"[ab].py": "old()\n", "-x.py": "old()\n", "a.py": "new()\n", "ä ö.py": "old()\n"})
    assert project.run("migrate-v2", "--commit").code == 0
    names = project.git("-c", "core.quotepath=false", "show", "--name-only", "--format=", "HEAD").splitlines()
    assert sorted(names) == ["-x.py", "[ab].py", "pkg/b.py", "ä ö.py"]


def test_bounds_and_markers_have_commits_of_their_own(project: Plugged) -> None:
    project.write({"requirements.txt": "pydantic==1.10.2\n"})
    assert project.run("migrate-v2", "--commit", "--markers").code == 3
    assert subjects(project)[-2:] == [
        "trueup: TODO comments where a person must act [1 file, 1 edit]",
        "trueup: what the code depends on now [1 file, 1 edit]",
    ]
    assert "  requirements.txt: pydantic==1.10.2 -> pydantic>=2.7,<3\n" in project.git("log", "-1", "--format=%b")


def test_markers_come_once_and_go_when_solved(project: Plugged) -> None:
    ran = project.run("migrate-v2", "--markers")
    assert ran.code == 3
    assert project.read()["a.py"] == MARKED
    assert "    a.py:5\n" in ran.out
    assert ran.out.endswith("1 left for you; 0 undecided; 1 comment written, 0 taken out.\n")
    project.git("commit", "-qam", "marked")
    assert project.run("migrate-v2", "--markers").code == 3
    assert project.run("migrate-v2", "--markers", "--step", "imports").code == 0
    assert project.run("migrate-v2").code == 3
    assert project.git("status", "--porcelain", "--", "*.py") == ""
    project.write({"a.py": MARKED.replace("    odd()\n", "    even()\n")})
    assert project.run("migrate-v2", "--markers").code == 0
    assert project.read()["a.py"] == DONE.replace("    odd()\n", "    even()\n")


def test_markers_show_in_the_diff_and_nothing_is_written(project: Plugged) -> None:
    ran = project.run("migrate-v2", "--markers", "--diff")
    assert ran.code == 1
    assert "+" + MARK in ran.out
    assert project.read()["a.py"] == MIXED
    subprocess.run(["git", "apply", "-"], cwd=project.folder, input=ran.out.encode(), check=True)
    assert project.read()["a.py"] == MARKED


def test_files_that_do_not_parse_keep_their_markers(project: Plugged) -> None:
    text = "# TODO(trueup TUX101): x\nold(\n"
    project.write({"c.py": text})
    assert project.run("migrate-v2", "--markers").code == 3
    assert project.read()["c.py"] == text
