"""`migrate-v2 --step prepare`: only what also runs, and means the same, on the old versions."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from trueup import registry
from trueup.migrate import steps
from trueup.model import Finding, Rule, Safety, Severity, Span

from .plugin import Plugged

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from environments import environment, run_tests  # noqa: E402

SHOP = ROOT / "fixtures" / "apps" / "legacy_shop"
LEGACY = SHOP / "requirements-legacy.txt"

MODELS = """\
from typing import Optional

from pydantic import AnyUrl, BaseModel, BaseSettings


class Settings(BaseSettings):
    url: AnyUrl


class User(BaseModel):
    name: str
    nick: Optional[str]
    age: int = None

    class Config:
        orm_mode = True


def make(number: int, settings: Settings):
    yield User(name=number).dict()
    yield settings.url + "/users", settings.url.user
"""
PREPARED = (
    MODELS.replace("nick: Optional[str]", "nick: Optional[str] = None")
    .replace("age: int = None", "age: Optional[int] = None")
    .replace("name=number", "name=str(number)")
    .replace("settings.url +", 'str(settings.url).rstrip("/") +')
)


@pytest.fixture
def project(tmp_path: Path) -> Plugged:
    (tmp_path / "project").mkdir()
    plugged = Plugged(tmp_path / "project", tmp_path / "plugin")
    plugged.write({"models.py": MODELS, "pyproject.toml": "", "requirements.txt": "pydantic<2\n"})
    return plugged


def test_what_needs_the_new_version_stays(project: Plugged) -> None:
    ran = project.run("migrate-v2", "--step", "prepare")
    assert ran.code == 0, ran.out + ran.err
    assert project.read()["models.py"] == PREPARED
    assert (project.folder / "requirements.txt").read_text() == "pydantic<2\n"
    project.git("commit", "-qam", "prepared")
    again = project.run("migrate-v2", "--step", "prepare", "--plan")
    assert again.code == 0
    assert project.git("status", "--porcelain") == ""


def test_it_runs_on_request_only(project: Plugged) -> None:
    listed = project.run("migrate-v2", "--list-steps").out.splitlines()
    at = next(number for number, line in enumerate(listed) if line.startswith("prepare"))
    assert listed[at].split()[1:3] == ["on", "request"]
    assert {"TUP301", "TUP302"} <= set(listed[at + 1].split())
    assert max(map(len, listed)) <= 140
    assert "prepare" not in {step.name for step in steps.choose([], [])}


def test_a_step_has_its_own_rules_and_the_preparation_those_that_say_so() -> None:
    def rule(code: str, step: str, *, prepares: bool = False) -> Rule:
        return Rule(code, code.lower(), Severity.ERROR, Safety.SAFE, step=step, prepares=prepares)

    known = [rule("TUX3", "fields", prepares=True), rule("TUX2", "fields"), rule("TUX1", "", prepares=True)]
    chosen = {step.name: [one.code for one in steps.rules_of(step, known)] for step in steps.STEPS}
    assert chosen["prepare"] == ["TUX3"]
    assert chosen["fields"] == ["TUX2", "TUX3"]


def test_a_rule_can_say_which_of_its_findings() -> None:
    rule = registry.rules()["TUP801"]
    span = Span(0, 0, 1, 1, 1, 1)

    def finding(clue: str) -> Finding:
        return Finding("a.py", rule.code, rule.name, rule.severity, Safety.UNSAFE, "", span, span, "Name", clue)

    assert registry.prepares(rule, finding("str"))
    assert not registry.prepares(rule, finding("username"))
    assert not registry.prepares(registry.rules()["TUP201"], finding("str"))


@pytest.mark.slow
def test_the_prepared_shop_still_works_on_the_old_libraries(tmp_path: Path) -> None:
    shop = Path(shutil.copytree(SHOP, tmp_path / "shop", ignore=shutil.ignore_patterns("__pycache__")))
    before = {path: path.read_bytes() for path in shop.rglob("*.py")}
    command = [sys.executable, "-P", "-m", "trueup", "migrate-v2", str(shop), "--allow-no-vcs", "--step", "prepare"]
    ran = subprocess.run(command, text=True, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert {path: path.read_bytes() for path in shop.rglob("*.py")} != before
    tested = run_tests(shop, environment(LEGACY))
    assert tested.returncode == 0, ran.stdout + tested.stdout
