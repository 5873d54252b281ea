"""`migrate-v2`: the guard that comes first, the steps, and what is written and said."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from trueup import registry
from trueup.migrate import guard, steps
from trueup.model import Rule, Safety, Severity


def git(folder: Path, *arguments: str) -> None:
    """Run git in a folder, as somebody."""
    somebody = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(folder), *somebody, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git work tree with two committed folders."""
    for name in ("app/a.py", "lib/b.py", "notes.txt"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("x = 1\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "before")
    return tmp_path


def refusal(*paths: Path, allow_dirty: bool = False, allow_no_vcs: bool = False) -> str:
    """Why the guard refuses; empty when it does not."""
    try:
        guard.ensure_recoverable([str(p) for p in paths], allow_dirty=allow_dirty, allow_no_vcs=allow_no_vcs)
    except guard.Refused as refused:
        return str(refused)
    return ""


def test_the_guard_lets_a_clean_tree_pass(repository: Path) -> None:
    assert refusal(repository) == ""
    assert refusal(repository / "app", repository / "lib" / "b.py") == ""


def test_the_guard_refuses_what_is_dirty_in_scope_and_says_the_cure(repository: Path) -> None:
    (repository / "lib" / "b.py").write_text("x = 2\n")
    said = refusal(repository)
    assert "lib/b.py" in said
    assert "1 Python file has changes" in said
    assert f"git stash push -u -- {repository}" in said
    assert refusal(repository / "lib" / "b.py")
    assert refusal(repository / "app") == ""
    assert refusal(repository, allow_dirty=True) == ""


@pytest.mark.parametrize("name", ["app/new.py", "app/é b.py", "app/sub/c.pyi"])
def test_a_file_git_has_never_seen_is_dirty(repository: Path, name: str) -> None:
    (repository / name).parent.mkdir(exist_ok=True)
    (repository / name).write_text("")
    assert name in refusal(repository)


def test_staged_and_renamed_files_are_dirty_and_files_that_are_not_python_are_not(repository: Path) -> None:
    (repository / "notes.txt").write_text("more")
    (repository / "new.txt").write_text("more")
    assert refusal(repository) == ""
    git(repository, "mv", "lib/b.py", "lib/c.py")
    assert "lib/c.py" in refusal(repository)
    assert "lib/b.py" not in refusal(repository)


def test_outside_git_nothing_can_be_taken_back(tmp_path: Path) -> None:
    assert "not in a git work tree" in refusal(tmp_path)
    assert "--allow-no-vcs" in refusal(tmp_path)
    assert refusal(tmp_path, allow_no_vcs=True) == ""


def test_without_git_the_guard_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "git is not installed" in refusal(tmp_path)
    assert refusal(tmp_path, allow_no_vcs=True) == ""


def test_a_git_hook_s_environment_does_not_point_the_guard_elsewhere(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    monkeypatch.setenv("GIT_DIR", str(repository / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(repository))
    assert "not in a git work tree" in refusal(outside)


def test_steps_run_in_their_own_order_whatever_order_they_are_asked_in() -> None:
    everything = [step.name for step in steps.choose((), ())]
    assert everything.index("config") < everything.index("methods")
    assert everything.index("sqlalchemy-base") < everything.index("sqlalchemy-columns")
    assert [step.name for step in steps.choose(("methods", "config"), ())] == ["config", "methods"]
    assert [step.name for step in steps.choose((), ("config",))] == [n for n in everything if n != "config"]


def test_a_step_that_changes_the_layout_runs_only_on_request() -> None:
    assert "layers" not in [step.name for step in steps.choose((), ())]
    assert [step.name for step in steps.choose(("layers",), ())] == ["layers"]


@pytest.mark.parametrize(("wanted", "skipped"), [(("metods",), ()), ((), ("metods",))])
def test_an_unknown_step_is_an_error_with_the_nearest_name(wanted: tuple[str, ...], skipped: tuple[str, ...]) -> None:
    with pytest.raises(steps.UnknownStep, match="did you mean `methods`"):
        steps.choose(wanted, skipped)


def test_every_rule_names_a_step_there_is() -> None:
    by_step = steps.rules_by_step(registry.rules().values())
    assert list(by_step) == [step.name for step in steps.STEPS]
    stray = Rule("TUX001", "stray", Severity.ERROR, Safety.SAFE, step="later")
    with pytest.raises(registry.RegistryError, match="'later'"):
        steps.rules_by_step([stray])
