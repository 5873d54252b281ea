"""`trueup config` and `trueup baseline`, and the schema of the settings."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from trueup.config import ConfigError
from trueup.report.settings import schema
from trueup.settings import KEYS, Table

from .plugin import Plugged

SCHEMA = json.loads(schema())


@pytest.fixture
def project(tmp_path: Path) -> Plugged:
    """A repository with settings in two places."""
    (tmp_path / "project").mkdir()
    plugged = Plugged(tmp_path / "project", tmp_path / "plugin")
    plugged.write({
        "pyproject.toml": "[tool.trueup]\nselect = ['TUX']\n"
        "ignore = ['TUX102']\n[tool.trueup.severity]\nTUX = 'warning'\n",
        "sub/trueup.toml": "extend = '../pyproject.toml'\nselect = ['TUX1']\n[severity]\nTUX101 = 'advice'\n",
        "sub/a.py": "old()\n",
    })  # fmt: skip
    return plugged


def test_each_setting_has_its_origin(project: Plugged) -> None:
    lines = project.run("config", "--file", "sub/a.py").out.splitlines()
    assert 'select = ["TUX1"]  # sub/trueup.toml' in lines
    assert 'ignore = ["TUX102"]  # pyproject.toml' in lines
    assert 'severity = { "TUX" = "warning" }  # pyproject.toml' in lines
    assert 'severity = { "TUX101" = "advice" }  # sub/trueup.toml' in lines
    assert "force-exclude = false  # the default" in lines
    assert 'async = { "prefer-fix" = "def" }  # the default' in lines
    assert project.run("config", "select").out == 'select = ["TUX"]  # pyproject.toml\n'
    assert 'target-pydantic = "auto"  # the default' in lines


def test_what_is_not_set_is_said_too(project: Plugged) -> None:
    ran = project.run("config", "select", "--isolated")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "`select` is not set; what holds then: every rule that gives more than advice\n"
    assert project.run("config", "ignore", "--isolated").err.endswith("what holds then: nothing more\n")
    every = project.run("config")
    shown = {line.partition(" ")[0] for line in every.out.splitlines()}
    missing = every.err.partition("Not set: ")[2].partition(".\n")[0].split(", ")
    assert sorted([*shown, *missing]) == sorted(KEYS)
    told = json.loads(project.run("config", "select", "--config", "select=['A']", "--output-format", "json").out)
    assert told == [{"key": "select", "value": ["A"], "origin": "--config 'select=['A']'"}]
    ran = project.run("config", "selct")
    assert (ran.code, ran.err) == (2, "trueup: there is no setting `selct`; did you mean `select`?\n")


def test_a_severity_can_be_configured_for_each_rule(project: Plugged) -> None:
    assert project.run("check", "sub").code == 0
    assert project.run("check", "sub", "--error-on-warning").code == 0
    assert project.run("check", "sub", "--config", "severity.TUX101 = 'warning'", "--error-on-warning").code == 1
    assert project.run("check", "sub", "--config", "severity.old-call = 'error'").code == 1
    project.write({"b.py": "x = 1  # trueup: ignore[NOPE]\n"})
    assert project.run("check", "b.py", "--isolated").code == 0
    assert project.run("check", "b.py", "--isolated", "--config", "severity.TU002 = 'error'").code == 1


def test_the_schema_knows_every_key() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert tuple(SCHEMA["properties"]) == KEYS
    assert all(one["description"].endswith(".") for one in SCHEMA["properties"].values())


VALUES: list[Any] = [
    "x",
    "conventions",
    ["x"],
    [1],
    True,
    3,
    -1,
    {"a": ["b"]},
    {"a": "error"},
    {"a": "bad"},
    {},
    [],
    ">=0",
    ["a.b"],
    ["a.b -> c"],
    {"prefer-fix": "threadpool", "http-client": "httpx2"},
    {"prefer-fix": "thread"},
]


@pytest.mark.parametrize("key", KEYS)
def test_the_schema_takes_what_trueup_takes(key: str) -> None:
    validator = jsonschema.Draft7Validator(SCHEMA)
    for value in VALUES:
        if key == "required-version" and isinstance(value, str) and value != ">=0":
            continue  # a schema cannot know versions
        try:
            Table.of({key: value}, "here", "/")
        except ConfigError:
            assert not validator.is_valid({key: value}), value
        else:
            assert validator.is_valid({key: value}), value
    assert not validator.is_valid({"selct": []})


def test_the_page_of_settings_tells_of_each_key_and_is_true(project: Plugged) -> None:
    page = (Path(__file__).parent.parent / "docs" / "settings.md").read_text(encoding="utf-8")
    table = page.partition("## All of them")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert sorted(re.findall(r"`([\w-]+)`", " ".join(rows))) == sorted(KEYS), "docs/settings.md: a row for each key"
    for example in re.findall(r"```toml\n\[tool\.trueup\]\n(.*?)```", page, re.DOTALL):
        Table.of(tomllib.loads(example), "here", "/")
    shown = page.partition("$ trueup config versions\n")[2].partition("...")[0]
    project.write({
        "uv.lock": 'requires-python = ">=3.11"\n\n[[package]]\nname = "pydantic"\nversion = "2.3.0"\n',
        "pyproject.toml": '[project]\ndependencies = ["sqlalchemy>=2.0.4,<3"]\n',
    })  # fmt: skip
    project.environment.pop("VIRTUAL_ENV", None)
    told = project.run("config", "versions").out.splitlines()
    assert [line for line in shown.splitlines() if line not in told] == []


def test_the_commands_of_the_baseline(project: Plugged) -> None:
    assert project.run("baseline", "show").code == 2
    assert project.run("baseline", "update").code == 0
    assert project.run("baseline", "show").out == "sub/a.py: 1 x TUX101\n1 finding in 1 file.\n"
    project.write({"sub/a.py": ""})
    assert (
        project.run("baseline", "prune").err == "trueup: 1 baseline entry is gone: .trueup-baseline.json was pruned\n"
    )
    assert project.run("baseline", "show").out == "0 findings in 0 files.\n"
    assert project.run("config", "--schema").out == schema()
