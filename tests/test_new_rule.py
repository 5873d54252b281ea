"""What the scaffold writes is a rule at once: it keeps every promise, passes its own fixtures and is clean for ruff."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RULES = {
    "TUP901": ("pydantic", "scaffold-safe", "safe"),
    "TUS901": ("sqlalchemy", "scaffold-unsafe", "unsafe"),
    "TUC901": ("conventions", "scaffold-display", "display"),
    "TUL901": ("layers", "scaffold-manual", "manual"),
}


class Repository:
    """A copy of the repository without its rules, the package laid out as it is installed: the wings inside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        skip = shutil.ignore_patterns("__pycache__", ".*")
        for name in ("scripts", "tests"):
            shutil.copytree(ROOT / name, folder / name, ignore=skip)
        shutil.copy(ROOT / "pyproject.toml", folder)
        self.installed = folder / "installed"
        shutil.copytree(ROOT / "trueup", self.installed / "trueup", ignore=skip)
        (folder / "fixtures").mkdir()
        for wing in ("checkers", "fixers"):
            (folder / wing).mkdir()
            shutil.copy(ROOT / wing / "__init__.py", folder / wing)
            (self.installed / "trueup" / wing).symlink_to(folder / wing)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a module of this Python there."""
        env = {**os.environ, "PYTHONPATH": str(self.installed), "PYTHONDONTWRITEBYTECODE": "1"}
        argv = [sys.executable, "-P", *command]
        return subprocess.run(argv, cwd=self.folder, env=env, capture_output=True, text=True, check=False)

    def scaffold(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the scaffold."""
        return self.run("scripts/new_rule.py", *arguments)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository with nothing in it but what the scaffold wrote."""
    made = Repository(tmp_path_factory.mktemp("repository"))
    for code, (family, name, fix) in RULES.items():
        done = made.scaffold(family, name, code, "--fix", fix)
        assert done.returncode == 0, done.stderr
        assert all((made.folder / path).is_file() for path in done.stdout.splitlines())
    return made


@pytest.mark.slow
def test_new_rules_keep_every_promise(repository: Repository) -> None:
    python = [str(path) for wing in ("checkers", "fixers") for path in (repository.folder / wing).rglob("*.py")]
    for command in (("ruff", "check", "--no-cache"), ("ruff", "format", "--no-cache", "--check")):
        linted = repository.run("-m", *command, *python)
        assert linted.returncode == 0, linted.stdout

    # importlib mode: the tests' folder must not put the copy's `trueup/`, which has no wings inside, on the path.
    tests = ("tests/test_promises.py", "tests/test_fixtures.py")
    tested = repository.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib", *tests)
    assert tested.returncode == 0, tested.stdout


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("pydantik", "v1-foo", "TUP902"), "no family 'pydantik'"),
        (("pydantic", "V1_foo", "TUP902"), "'V1_foo' is not kebab-case"),
        (("pydantic", "v1-foo", "TUS902"), "a code of pydantic is TUP"),
        (("pydantic", "v1-foo", "TUP9"), "a code of pydantic is TUP"),
        (("pydantic", "v1-foo", "TUP901"), "TUP901 scaffold-safe exists"),
        (("pydantic", "scaffold-safe", "TUP902"), "TUP901 scaffold-safe exists"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(repository: Repository, arguments: tuple[str, ...], reason: str) -> None:
    before = sorted(repository.folder.rglob("*"))
    done = repository.scaffold(*arguments)
    assert done.returncode == 2
    assert reason in done.stderr
    assert sorted(repository.folder.rglob("*")) == before
