"""What an installed trueup consists of, and what its commands do not load."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import trueup
from trueup.libraries.compiled import COMPILED

ROOT = Path(__file__).parent.parent
WINGS = {"trueup": "trueup", "checkers": "trueup/checkers", "fixers": "trueup/fixers"}
"""Folder of the repository -> where it stands in the wheel."""
MADE = f"trueup/libraries/{COMPILED}"
"""What the wheel has beside the tree."""


def run(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command that may fail; what it printed is text."""
    everything = {**os.environ, **(env or {})}
    argv = [str(part) for part in command]
    return subprocess.run(argv, cwd=cwd, env=everything, capture_output=True, text=True, check=False)


def shipped(folder: Path) -> list[str]:
    """The files below a folder that belong to it, with `/`."""
    return [
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc" and not path.name.startswith(".")
    ]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that a release builds: from the sdist, which is made from a copy of the tree.

    A copy, because setuptools keeps the modules of earlier builds in `build/` and would ship them again.
    """
    copy = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    for folder in WINGS:
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    result = run(sys.executable, "-m", "build", "--no-isolation", "--outdir", "dist", cwd=copy)
    assert result.returncode == 0, result.stdout + result.stderr
    (built,) = (copy / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the wheel is installed, without its dependencies."""
    target = tmp_path_factory.mktemp("installed")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install")
    result = run(*pip, "--no-deps", "--no-index", "--target", target, wheel, cwd=target)
    assert result.returncode == 0, result.stdout + result.stderr
    return target


def test_the_wheel_holds_the_tree_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
    expected = [f"{there}/{name}" for here, there in WINGS.items() for name in shipped(ROOT / here)]
    assert sorted(names) == sorted([*expected, MADE])


def test_the_wheel_knows_what_the_stubs_say(installed: Path, tmp_path: Path) -> None:
    asked = (
        "from trueup.libraries import compiled as c\n"
        "from trueup.libraries.source import LibrarySource\n"
        "facts = LibrarySource()('sqlalchemy.orm.session')\n"
        "print((c.STUBS.parent / c.COMPILED).read_bytes() == c.compile_stubs(), facts == c.compiled(facts.module))\n"
        "print(facts.path, c.is_compiled('builtins'), c.is_compiled('flask'))\n"
    )
    result = run(sys.executable, "-P", "-c", asked, cwd=tmp_path, env={"PYTHONPATH": str(installed)})
    stub = installed / "trueup/libraries/stubs/sqlalchemy/orm/session.pyi"
    assert result.stdout.splitlines() == ["True True", f"{stub} True False"], result.stderr


def test_only_trueup_reaches_site_packages(installed: Path) -> None:
    info = f"trueup-{trueup.__version__}.dist-info"
    assert sorted(path.name for path in installed.iterdir()) == ["bin", "trueup", info]


def test_the_installed_wheel_runs(installed: Path, tmp_path: Path) -> None:
    env = {"PYTHONPATH": str(installed)}
    where = run(sys.executable, "-c", "import trueup.checkers as c; print(c.__file__)", cwd=tmp_path, env=env)
    assert Path(where.stdout.strip()) == installed / "trueup" / "checkers" / "__init__.py", where.stderr

    version = run(installed / "bin" / "trueup", "--version", cwd=tmp_path, env=env)
    assert (version.returncode, version.stdout.strip()) == (0, f"trueup {trueup.__version__}"), version.stderr

    rules = run(sys.executable, "-m", "trueup", "rules", cwd=tmp_path, env=env)
    codes = run(sys.executable, "-m", "trueup", "rules", cwd=ROOT)
    assert (rules.returncode, rules.stdout) == (0, codes.stdout), rules.stderr


def test_the_patient_is_not_a_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *(d for extra in project["optional-dependencies"].values() for d in extra)]
    assert wanted
    for requirement in wanted:
        assert not requirement.startswith(("pydantic", "fastapi", "sqlalchemy", "sqlmodel")), requirement


HEAVY = ("asyncio", "jinja2", "libcst", "multiprocessing", "pydantic", "rich", "unittest")
"""Each costs more to import than a command that does not need it may take."""


def loaded(*arguments: str, cwd: Path) -> set[str]:
    """The modules that `trueup ARGUMENTS` imports, as the interpreter itself reports them."""
    result = run(sys.executable, "-X", "importtime", "-m", "trueup", *arguments, cwd=cwd)
    assert result.returncode == 0, result.stdout + result.stderr
    modules = {line.rpartition("|")[2].strip() for line in result.stderr.splitlines() if line.startswith("import time")}
    assert "trueup.__main__" in modules or "trueup" in modules
    return modules


# msgspec, which reads the cache of a warm check, imports typing_extensions; nothing else may.
@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (("--version",), (*HEAVY, "typing_extensions", "msgspec", "typer", "click", "ast")),
        (("--help",), (*HEAVY, "typing_extensions", "msgspec")),
        (("check", "."), (*HEAVY, "msgspec")),
    ],
    ids=["version", "help", "warm check"],
)
def test_what_a_command_does_not_load(arguments: tuple[str, ...], unwanted: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("from pydantic import BaseModel\n\n\nclass User(BaseModel):\n    name: str\n")
    if arguments[0] == "check":
        first = run(sys.executable, "-m", "trueup", *arguments, cwd=tmp_path)
        assert first.returncode == 0, first.stdout + first.stderr
    assert sorted(loaded(*arguments, cwd=tmp_path) & set(unwanted)) == []
