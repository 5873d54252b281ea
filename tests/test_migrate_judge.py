"""A step that somebody judges to be wrong is taken back, and the others stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from trueup.check import Workspace
from trueup.cli.migrating import TAKEN_BACK, Wishes, migrate
from trueup.cli.options import Color
from trueup.cli.session import Cached, Session
from trueup.cli.terminal import Terminal
from trueup.config import CliOptions, Configs
from trueup.migrate.run import Outcome, StepDone, run
from trueup.migrate.steps import choose
from trueup.registry import rules

MODELS = """\
from typing import Optional

from pydantic import BaseModel


class A(BaseModel):
    x: Optional[int]

    class Config:
        orm_mode = True


def f(a: A) -> dict:
    return a.dict()
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that three steps change."""
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "models.py").write_text(MODELS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_is_asked_before_the_first_step_and_after_each_that_wrote(project: Path) -> None:
    workspace = Workspace.open(["."], Configs.load(["."], CliOptions(select=("ALL",))))
    asked: list[str] = []
    texts: list[str] = []

    def judge(done: StepDone | None) -> str:
        asked.append(done.step.name if done is not None else "")
        texts.append((project / "models.py").read_text())
        return "the schema of `A` is another" if done is not None and done.step.name == "config" else ""

    settled: list[str] = []
    outcome = Outcome()
    run(
        workspace,
        choose((), ()),
        rules(),
        outcome,
        may_fix=lambda path, code: True,
        safe_only=False,
        write=True,
        jobs=1,
        progress=lambda *_: None,
        judge=judge,
        settle=lambda done: settled.append(done.step.name),
    )
    assert asked == ["", "fields", "config", "methods"]
    assert settled == ["fields", "methods"]
    assert texts[0] == MODELS
    assert "model_config" in texts[2]
    text = (project / "models.py").read_text()
    assert text == MODELS.replace("Optional[int]", "Optional[int] = None").replace("a.dict()", "a.model_dump()")
    assert outcome.changed == {"models.py": (MODELS, text)}
    config = next(step for step in outcome.steps if step.step.name == "config")
    assert (config.taken_back, config.fixed, config.files) == ("the schema of `A` is another", [], [])
    assert [finding.code for finding in outcome.left] == ["TUP201"]
    assert list(outcome.reasons.values()) == ["the step `config` was taken back: the schema of `A` is another"]


def test_what_was_taken_back_ends_the_command_with_4(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = CliOptions(select=("ALL",))
    session = Session.open(Terminal(Color.NEVER), ["."], options, jobs=1, cache=Cached(True, None))
    wishes = Wishes(judge=lambda done: "" if done is None else "no", reports=("r.json", "r.html", "r.md"))
    assert migrate(session, choose(["config"], ()), wishes) == TAKEN_BACK
    assert (project / "models.py").read_text() == MODELS
    out = capsys.readouterr().out
    assert "config: taken back: no\n" in out
    assert "(the step `config` was taken back: no)\n    models.py:9\n" in out
    assert "Repaired 0 places in 0 of 1 file; 1 left for you" in out
    assert "(taken back: no)" in (project / "r.html").read_text()


def test_a_dry_run_asks_nobody(project: Path) -> None:
    session = Session.open(Terminal(Color.NEVER, silent=True), ["."], CliOptions(), jobs=1, cache=Cached(True, None))
    asked: list[StepDone | None] = []

    def judge(done: StepDone | None) -> str:
        asked.append(done)
        return "no"

    assert migrate(session, choose((), ()), Wishes(plan=True, judge=judge)) == 1
    assert asked == []
