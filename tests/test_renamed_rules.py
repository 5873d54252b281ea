"""Rules that were called otherwise, and rules that are about to go."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trueup.config import CliOptions, Configs
from trueup.model import Rule, Safety, Severity
from trueup.selectors import named

from .plugin import Plugged

RULE = Rule("TUX101", "old-call", Severity.ERROR, Safety.SAFE, formerly="TUX901 oldest-call TUX101 older-call")
GOING = Rule("TUX102", "earlier-name", Severity.ERROR, Safety.SAFE, deprecated="use TUX101")
RULES = {rule.code: rule for rule in (RULE, GOING)}


@pytest.fixture
def project(tmp_path: Path) -> Plugged:
    """A project, and a plugin whose first rule was called otherwise."""
    (tmp_path / "project").mkdir()
    plugged = Plugged(tmp_path / "project", tmp_path / "plugin")
    checker = tmp_path / "plugin/plug/checkers/old.py"
    text = checker.read_text()
    assert "effort=2)" in text
    checker.write_text(text.replace("effort=2)", 'effort=2, formerly=(("TUX901", "oldest-call"),))'))
    plugged.write({"a.py": "old()\n"})
    return plugged


def on(tmp_path: Path, **cli: object) -> tuple[list[str], list[str]]:
    """The rules that are on, and the warnings."""
    configs = Configs.load(["."], CliOptions(**cli), cwd=str(tmp_path))  # type: ignore[arg-type]
    config = configs.for_folder(str(tmp_path))
    return sorted(config.enabled(RULES)), configs.check_selectors(RULES)


@pytest.mark.parametrize("name", ["TUX901", "oldest-call", "older-call"])
def test_an_old_name_still_means_the_rule(tmp_path: Path, name: str) -> None:
    codes, (warning,) = on(tmp_path, select=(name,))
    assert codes == ["TUX101"]
    assert warning == f"the command line: `select`: `{name}` is `TUX101` (old-call) now"
    assert on(tmp_path, ignore=(name,))[0] == []
    assert named("TUX9", RULES) == []  # no beginning of an old code means anything


def test_a_deprecated_rule_is_on_where_it_is_named(tmp_path: Path) -> None:
    assert on(tmp_path) == (["TUX101"], [])
    assert on(tmp_path, select=("TUX",)) == (["TUX101"], [])
    codes, (warning,) = on(tmp_path, select=("earlier-name",))
    assert codes == ["TUX102"]
    assert warning == "the command line: `select`: `earlier-name` is deprecated: use TUX101"


def test_comments_baselines_and_pages_know_old_names(project: Plugged) -> None:
    project.write({"a.py": "old()  # trueup: ignore[TUX901]\nold()  # trueup: ignore[oldest-call]\n"})
    assert project.run("check").out == "Found nothing in 1 file (2 hidden by comments).\n"
    assert project.run("explain", "TUX901").out.startswith("# TUX101 old-call\n\n")
    assert "formerly TUX901, oldest-call" in project.run("explain", "oldest-call").out
    project.write({"a.py": "old()\n"})
    project.run("check", "--update-baseline")
    baseline = project.folder / ".trueup-baseline.json"
    told = json.loads(baseline.read_text())
    told["files"]["a.py"][0] |= {"rule": "TUX901", "hash": "0" * 16}
    baseline.write_text(json.dumps(told))
    ran = project.run("check", "--baseline", baseline.name)
    assert ran.out == "Found nothing in 1 file (1 hidden by the baseline).\n"


def test_pylint_knows_old_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    lint = pytest.importorskip("pylint.lint")
    from trueup import pylint

    monkeypatch.setattr(pylint, "_frozen", lambda: {"TUX101": "7298", "TUX901": "7299"})
    family = pylint.Family(lint.PyLinter(), "trueup-x", {"7298": RULE}, None)  # type: ignore[arg-type]
    (message,) = family.msgs.values()
    assert message[-1] == {"old_names": [("E7299", "trueup-oldest-call")]}


def test_no_two_rules_may_claim_a_name(project: Plugged) -> None:
    checker = project.folder.parent / "plugin/plug/checkers/old.py"
    checker.write_text(checker.read_text().replace('"TUX901"', '"TUX102"'))
    ran = project.run("check", "--no-cache")
    assert ran.code == 2
    assert "TUX102 is claimed by both earlier-name and, formerly, TUX101" in ran.err
