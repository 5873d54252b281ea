"""The plugin in a real pylint: the same findings, pylint's own comments and options, and what astroid knows besides."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from trueup.pylint import NOT_HERE, numbers
from trueup.registry import rules
from trueup.tool_rules import TOOL_RULES

MODELS = """\
from pydantic import BaseModel


class User(BaseModel):
    name: str
"""
USES = """\
from app.models import User


def make():
    return lambda: User(name="x")


def f(user: User, key: str):
    user.dict()
    user.json()  # pylint: disable=trueup-v1-model-method
    user.copy()  # trueup: ignore[TUP101]
    make()().dict()
    return 1  # trueup: ignore[TUP101]


def g(user: User):
    # pylint: disable=trueup-v1-model-method
    return user.dict()
"""
FORMAT = "{path}:{line}:{column}:{end_line}:{end_column} {msg_id} {symbol} {confidence.name}"
ALL = ["--enable=trueup,trueup-pydantic,trueup-comments"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A package with findings of both kinds."""
    files = {"pyproject.toml": "", "app/__init__.py": "", "app/models.py": MODELS, "app/uses.py": USES}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def pylint(folder: Path, *arguments: str, stdin: str = "") -> tuple[list[str], str]:
    """The messages of one run, and what it said on stderr."""
    command = [sys.executable, "-m", "pylint", "--load-plugins=trueup.pylint", "--disable=all", "--score=n"]
    command += [f"--msg-template={FORMAT}", *arguments]
    environment = {**os.environ, "HOME": str(folder), "PYLINTHOME": str(folder / "home")}
    done = subprocess.run(
        command, cwd=folder, env=environment, input=stdin, capture_output=True, text=True, check=False
    )
    lines = [line for line in done.stdout.splitlines() if not line.startswith("***")]
    return sorted(lines), done.stderr


EXPECTED = [
    "app/uses.py:12:13:12:17 W7201 trueup-v1-model-method INFERENCE",
    "app/uses.py:13:14:13:38 W6501 trueup-unused-suppression HIGH",
    "app/uses.py:9:9:9:13 W7201 trueup-v1-model-method HIGH",
]


def test_the_findings_are_those_of_the_command_and_astroids(project: Path) -> None:
    assert pylint(project, *ALL, "app") == (EXPECTED, "")
    assert pylint(project, *ALL, "-j", "2", "app") == (EXPECTED, "")
    assert pylint(project, *ALL, "--confidence=HIGH", "app") == ([EXPECTED[1], EXPECTED[2]], "")
    command = [sys.executable, "-m", "trueup", "check", "--output-format", "json"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    lines = [one["location"]["row"] for one in json.loads(done.stdout)]
    assert lines == [9, 10, 13, 18]  # those that pylint's own comments hide are no business of the command's


def test_messages_can_be_switched_by_id_symbol_and_checker(project: Path) -> None:
    assert pylint(project, "--enable=W7201", "app/uses.py")[0] == [EXPECTED[0], EXPECTED[2]]
    assert pylint(project, "--enable=trueup-unused-suppression", "app")[0] == [EXPECTED[1]]
    assert pylint(project, "--enable=trueup-sqlalchemy", "app")[0] == []


def test_options_and_settings(project: Path) -> None:
    assert pylint(project, *ALL, "--trueup-ignore=TUP101,TU001", "app") == ([], "")
    (project / "pyproject.toml").write_text("[tool.pylint.trueup]\ntrueup-select = ['TU001']\n")
    assert pylint(project, *ALL, "app")[0] == []  # the rule it hides did not run
    (project / "pyproject.toml").write_text("[tool.trueup]\nexclude = ['uses.py']\n")
    assert pylint(project, *ALL, "app") == ([], "")


def test_a_buffer_is_checked_as_it_stands(project: Path) -> None:
    text = USES.replace("user.copy()", "user.json()").replace("  # trueup: ignore[TUP101]", "", 1)
    lines, _ = pylint(project, "--enable=W7201", "--from-stdin", "app/uses.py", stdin=text)
    assert len(lines) == 3


def test_every_rule_has_a_number_of_its_own() -> None:
    codes = [code for code in (*TOOL_RULES, *rules()) if code not in NOT_HERE]
    given = numbers(codes)
    assert len(set(given.values())) == len(codes)
    frozen = json.loads((Path(__file__).parent.parent / "trueup" / "pylint_ids.json").read_text())
    assert len(set(frozen.values())) == len(frozen)
    assert given["TUP101"] == "7201"
    # A rule without a frozen number gets one, too: in its family, or in one of the spare ones.
    more = numbers([*codes, "TUP999", "TUX101"])
    assert more["TUP999"].startswith("72")
    assert more["TUX101"][:2] in ("66", "67")


def test_the_plugin_loads_neither_commands_nor_libcst() -> None:
    program = (
        "import sys, trueup.pylint\n"
        "print([name for name in sys.modules if name.startswith(('libcst', 'pydantic', 'trueup.cli'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_settings_that_cannot_be_used_are_said_once_and_break_nothing(project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.trueup]\nselct = []\n")
    fault = f"E6600 trueup-settings HIGH: {project}/pyproject.toml: unknown key `selct`; did you mean `select`?"
    template = "--msg-template={msg_id} {symbol} {confidence.name}: {msg}"
    told, err = pylint(project, *ALL, template, "app")
    assert (told, err) == ([fault], "")
    assert fault in pylint(project, *ALL, template, "-j2", "app")[0]
    (project / "pyproject.toml").write_text("")
    told, _ = pylint(project, *ALL, template, "--trueup-select=NOPE", "app")
    assert told == ["E6600 trueup-settings HIGH: the command line: `select` names no rule: `NOPE`"]


def test_a_message_names_the_function_it_is_in(project: Path) -> None:
    told, _ = pylint(project, *ALL, "--msg-template={line} {obj}", "app")
    assert told == ["12 f", "13 ", "9 f"]
