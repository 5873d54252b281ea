"""`trueup init`: what it writes into which projects, and that it writes it once."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from trueup import __version__
from trueup.onboarding import Found, changes

FULL = {
    "pyproject.toml": '[project]\nname = "shop"\n\n[tool.ruff]\nline-length = 9\n\n[tool.ruff.lint]\nselect = ["E"]\n',
    ".pre-commit-config.yaml": (
        "repos:\n  - repo: https://example.org/a\n    rev: v1\n    hooks:\n      - id: a\n"
        "  - repo: https://github.com/astral-sh/ruff-pre-commit\n    rev: v1\n    hooks:\n      - id: ruff-format\n"
    ),
    ".github/workflows/test.yml": "name: test\n",
    ".gitlab-ci.yml": "stages: [test]\n",
    "alembic.ini": "[alembic]\nscript_location = db/migrations\n",
    "db/migrations/env.py": "",
}


def run(folder: Path, *arguments: str, answer: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "trueup", "init", *arguments]
    return subprocess.run(command, cwd=folder, input=answer, capture_output=True, text=True, check=False)


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def test_it_adds_what_is_missing_and_nothing_twice(tmp_path: Path) -> None:
    write(tmp_path, FULL)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    shown = run(tmp_path, "--diff")
    assert shown.returncode == 1
    assert {name: (tmp_path / name).read_text() for name in FULL} == FULL
    assert run(tmp_path).returncode == 1  # nobody confirms
    done = run(tmp_path, "--yes")
    assert done.returncode == 0, done.stderr
    assert done.stdout == shown.stdout
    settings = tomllib.loads((tmp_path / "pyproject.toml").read_text())["tool"]
    assert settings["trueup"] == {"extend-exclude": ["db/migrations"]}
    assert settings["ruff"] == {"line-length": 9, "lint": {"select": ["E"], "external": ["TU"]}}
    hooks = yaml.safe_load((tmp_path / ".pre-commit-config.yaml").read_text())["repos"]
    assert [one["repo"] for one in hooks] == ["https://example.org/a", "local", hooks[2]["repo"]]
    assert hooks[1]["hooks"][0]["additional_dependencies"] == [f"trueup=={__version__}"]
    job = yaml.safe_load((tmp_path / ".gitlab-ci.yml").read_text())["trueup"]
    assert job["artifacts"]["reports"] == {"codequality": "gl-code-quality-report.json"}
    for builtin, name in (("github-workflows", ".github/workflows/trueup.yml"), ("gitlab-ci", ".gitlab-ci.yml")):
        check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{builtin}", name]
        subprocess.run(check, cwd=tmp_path, check=True, capture_output=True)
    subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-config", ".pre-commit-config.yaml"], cwd=tmp_path, check=True
    )
    again = run(tmp_path)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "Nothing is missing here.\n")


def test_an_empty_folder_gets_settings_only(tmp_path: Path) -> None:
    ran = run(tmp_path, "-y")
    assert ran.returncode == 0
    assert [one.name for one in tmp_path.iterdir()] == ["trueup.toml"]
    assert run(tmp_path, "nowhere").returncode == 2


def planned(files: dict[str, str], *, git: bool = False) -> dict[str, str]:
    found = Found(files.get, is_git=git, on_github=False, version="1.2.3")
    return {one.path: one.after for one in changes(found)}


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("ruff.toml", "line-length = 1\n", 'line-length = 1\n\n[lint]\nexternal = ["TU"]\n'),
        ("ruff.toml", "[lint]\nexternal = ['V']\n", "[lint]\nexternal = [\"TU\", 'V']\n"),
        ("ruff.toml", "lint.external = ['V']\n", "lint.external = [\"TU\", 'V']\n"),
        ("ruff.toml", "[lint]\nexternal = ['TU']\n", None),
        ("ruff.toml", "lint = {}\n", None),
        ("ruff.toml", "lint.select = ['E']\n", "lint.external = [\"TU\"]\nlint.select = ['E']\n"),
        ("ruff.toml", "lint = {select = ['E']}\n", None),  # left alone: where to put it is not plain
        ("ruff.toml", "[lint]\nexternal = [\n  'V',\n]\n", "[lint]\nexternal = [\n  \"TU\",\n  'V',\n]\n"),
        ("ruff.toml", "[lint]\r\nselect = []\r\n", '[lint]\r\nexternal = ["TU"]\r\nselect = []\r\n'),
        ("pyproject.toml", "[tool.trueup]\n[tool.black]\n", None),
        (
            "pyproject.toml",
            "[tool.trueup]\n[tool.ruff]\nlint.select = ['E']\n",
            "[tool.trueup]\n[tool.ruff]\nlint.external = [\"TU\"]\nlint.select = ['E']\n",
        ),
        (
            "pyproject.toml",
            "[tool.trueup]\n[tool.ruff]\n",
            '[tool.trueup]\n[tool.ruff]\n\n[tool.ruff.lint]\nexternal = ["TU"]\n',
        ),
    ],
)  # fmt: skip
def test_ruff_keeps_the_comments(path: str, before: str, after: str | None) -> None:
    files = {"trueup.toml": "", path: before}
    assert planned(files) == ({} if after is None else {path: after})


def test_hooks_follow_the_indentation_that_is_there() -> None:
    text = "repos:\n- repo: https://example.org/a\n  rev: v1\n  hooks:\n  - id: a"
    new = planned({"trueup.toml": "", ".pre-commit-config.yaml": text}, git=True)[".pre-commit-config.yaml"]
    assert new.startswith(text + "\n- repo: local\n  hooks:\n    - id: trueup-check\n")
    assert [one["repo"] for one in yaml.safe_load(new)["repos"]] == ["https://example.org/a", "local"]
    assert planned({"trueup.toml": "", ".pre-commit-config.yaml": new}, git=True) == {}
    fresh = planned({"trueup.toml": ""}, git=True)[".pre-commit-config.yaml"]
    assert yaml.safe_load(fresh)["repos"][0]["hooks"][0]["id"] == "trueup-check"
    empty = planned({"trueup.toml": "", ".pre-commit-config.yaml": "fail_fast: true\nrepos: []\n"}, git=True)
    told = yaml.safe_load(empty[".pre-commit-config.yaml"])
    assert (told["fail_fast"], told["repos"][0]["hooks"][0]["id"]) == (True, "trueup-check")


def test_what_it_does_not_understand_it_says(tmp_path: Path) -> None:
    write(tmp_path, {
        "trueup.toml": "",
        "ruff.toml": "lint = {select = ['E']}\n",
        ".pre-commit-config.yaml": "repos: [{repo: local, hooks: []}]\n",
        "api/pyproject.toml": "[project]\nname = 'api'\n",
    })  # fmt: skip
    ran = run(tmp_path, "-y")
    assert (ran.returncode, ran.stdout) == (0, "")
    assert ran.stderr.splitlines() == [
        'To be written by hand: ruff.toml: ruff\'s setting `lint.external = ["TU"]`',
        "To be written by hand: .pre-commit-config.yaml: a hook that runs `trueup check --force-exclude`",
    ]
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    below = run(tmp_path / "api", "-y")
    assert below.stderr.startswith("The repository begins further up: hooks and CI are set up by `trueup init`")
    assert (tmp_path / "api/pyproject.toml").read_text() == "[project]\nname = 'api'\n\n[tool.trueup]\n"
    write(tmp_path, {"api/pyproject.toml": "[project\n"})
    broken = run(tmp_path / "api", "-y")
    assert (broken.returncode, broken.stderr.partition(": ")[2][:29]) == (2, "pyproject.toml: not valid TOM")


@pytest.mark.parametrize(
    ("stages", "stage"),
    [
        ("", None),
        ("stages: [build, test]\n", None),
        ("stages: ['lint', deploy]\n", "lint"),
        ("stages:\n  - check-it # first\n  - deploy\n", "check-it"),
        ("stages:\n- test\n", None),
    ],
)
def test_the_job_of_gitlab_has_a_stage_that_exists(stages: str, stage: str | None) -> None:
    new = planned({"trueup.toml": "", ".gitlab-ci.yml": stages + "a:\n  script: [b]\n"})[".gitlab-ci.yml"]
    assert yaml.safe_load(new)["trueup"].get("stage") == stage
