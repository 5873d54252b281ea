"""The versions that a project is to run on: where they stand, and which rules they switch off."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from trueup.config import CliOptions, Config, Configs
from trueup.index.cache import Cache
from trueup.model import Rule, Safety, Severity
from trueup.registry import rules
from trueup.targets import Target, VersionsError, detect, lets, parsed

from .plugin import Plugged

UV = """version = 1
requires-python = ">=3.11"

[[package]]
name = "annotated-types"
version = "0.7.0"

[[package]]
name = "pydantic"
version = "2.11.3"
dependencies = [
    { name = "fastapi", version = "9.9" },
]

[[package]]
name = "SQLAlchemy"
version = "2.1.0b2"

[[package]]
name = "sqlalchemy"
version = "2.0.30"

[package.metadata]
name = "fastapi"
version = "9.9"
"""
POETRY = """[[package]]
name = "pydantic"
version = "2.5.0"
description = ""
python-versions = ">=3.7"

[metadata]
lock-version = "2.0"
python-versions = "^3.12"
"""


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)


def found(root: Path, files: dict[str, str], folder: str = "") -> dict[str, tuple[str, bool]]:
    """What files say: library -> (version, whether exactly that)."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    here = str(root / folder) if folder else str(root)
    return {name: (one.version, one.exact) for name, one in detect(here, str(root), ()).items()}


def test_lock_files_have_the_word(tmp_path: Path) -> None:
    files = {"uv.lock": UV, "poetry.lock": POETRY, "requirements.txt": "pydantic==1.0\nfastapi[all]==0.115.2\n"}
    assert found(tmp_path, files) == {
        "pydantic": ("2.11.3", True),
        "sqlalchemy": ("2.0.30", True),  # the lower of two
        "python": ("3.11", False),
        "fastapi": ("0.115.2", True),
    }


def test_poetry_says_the_python_at_its_end(tmp_path: Path) -> None:
    assert found(tmp_path, {"poetry.lock": POETRY}) == {"pydantic": ("2.5.0", True), "python": ("3.12", False)}


@pytest.mark.parametrize(
    ("line", "version"),
    [
        ("pydantic==2.4.1 ; python_version > '3.8'  # why", ("2.4.1", True)),
        ("pydantic[email] >= 2.4, <3", ("2.4", False)),
        ("Pydantic~=2.4.0", ("2.4.0", False)),
        ("pydantic==2.4.* --hash=sha256:abc", ("2.4", False)),
        ("pydantic (>=2.4)", ("2.4", False)),
        ("pydantic<2", None),
        ("pydantic", None),
        ("pydantic @ https://a.b/c.whl", None),
        ("pydantic-settings==2.0", None),
        ("-e ./pydantic", None),
        ("pydantic===weird", None),
    ],
)
def test_requirements(tmp_path: Path, line: str, version: tuple[str, bool] | None) -> None:
    there = found(tmp_path, {"requirements-dev.txt": "pydantic==0.1\n", "requirements.txt": f"# pydantic==9\n{line}\n"})
    assert there["pydantic"] == (version or ("0.1", True))


def test_the_dependencies_of_a_project(tmp_path: Path) -> None:
    text = """
[build-system]
requires = ["pydantic==9"]
[project]
requires-python = ">=3.10"
dependencies = ["SQLAlchemy>=2.0.4,<3", "rich"]
[project.optional-dependencies]
x = ["fastapi==0.1"]
[tool.poetry.dependencies]
python = "^3.9"
fastapi = {version = "^0.100", extras = ["all"]}
pydantic = "2.6.1"
"""
    assert found(tmp_path, {"pyproject.toml": text}) == {
        "sqlalchemy": ("2.0.4", False),
        "python": ("3.10", False),
        "fastapi": ("0.100", False),
        "pydantic": ("2.6.1", True),
    }
    assert found(tmp_path, {"pyproject.toml": "[broken"}) == {}


def test_what_is_installed_comes_last(tmp_path: Path) -> None:
    site = tmp_path / ".venv/lib/python3.12/site-packages"
    for name in ("pydantic-2.8.2.dist-info", "SQLAlchemy-2.0.1.dist-info", "pydantic_settings-9.dist-info"):
        (site / name).mkdir(parents=True)
    (tmp_path / ".venv/pyvenv.cfg").write_text("home = /usr\nversion_info = 3.12.4.final.0\n")
    assert found(tmp_path, {"requirements.txt": "pydantic>=2.7"}) == {
        "pydantic": ("2.7", False),
        "sqlalchemy": ("2.0.1", True),
        "python": ("3.12", True),
    }


def test_a_nearer_folder_comes_first(tmp_path: Path) -> None:
    files = {"uv.lock": UV, "services/a/requirements.txt": "pydantic==2.0\n"}
    assert found(tmp_path, files, "services/a")["pydantic"] == ("2.0", True)
    assert found(tmp_path, {}, "services/a")["sqlalchemy"] == ("2.0.30", True)
    assert found(tmp_path, {})["pydantic"] == ("2.11.3", True)


@pytest.mark.parametrize(
    ("versions", "version", "on"),
    [
        ("pydantic>=2.4", "2.4", True),
        ("pydantic>=2.4", "2.4.0b1", True),
        ("pydantic>=2.4", "2.3.9", False),
        ("pydantic>=2.4", "1.10.2", True),  # is to be migrated, and judged by where it goes
        ("pydantic>=2.4", "", True),
        ("pydantic>=2.4,<2.6", "2.6", False),
        ("pydantic>=2.0", "2", True),
        ("fastapi<0.106 | >=0.118", "0.105.1", True),
        ("fastapi<0.106 | >=0.118", "0.110", False),
        ("fastapi<0.106 | >=0.118", "0.118.0", True),
    ],
)
def test_ranges(versions: str, version: str, on: bool) -> None:
    library = parsed(versions)[0]
    assert lets(versions, {library: Target(library, version, exact=True)} if version else {}) is on


def test_a_lowest_version_does_not_say_that_nothing_newer_is_used() -> None:
    assert lets("fastapi<0.106 | >=0.118", {"fastapi": Target("fastapi", "0.110")})
    assert not lets("fastapi>=0.118", {"fastapi": Target("fastapi", "0.110")})


@pytest.mark.parametrize("versions", ["", "pydantic", "rich>=1", "pydantic==2.0", "pydantic>=2.0 | nothing"])
def test_ranges_that_cannot_be_meant(versions: str) -> None:
    with pytest.raises(VersionsError):
        parsed(versions)


def test_every_rule_says_versions_that_can_be_meant() -> None:
    asking = {rule.code: parsed(rule.versions)[0] for rule in rules().values() if rule.versions}
    assert {"TUF101", "TUP545", "TUS702", "TUT103"} <= asking.keys()


# In a configuration --------------------------------------------------------------------------------------------------

RULE = Rule("TUX101", "old-call", Severity.ERROR, Safety.SAFE, versions="pydantic>=2.4")


def config(project: Path, **cli: object) -> Config:
    """What holds in a project's root."""
    configs = Configs.load(["."], CliOptions(**cli), cwd=str(project))  # type: ignore[arg-type]
    return configs.for_folder(configs.root)


def is_on(project: Path, **cli: object) -> bool:
    """Whether the rule is on in the root of a project."""
    return RULE.code in config(project, **cli).enabled({RULE.code: RULE})


def test_a_rule_for_other_versions_is_off_unless_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\ndependencies = ['pydantic>=2.3']\n")
    assert not is_on(tmp_path)
    assert not is_on(tmp_path, select=("TUX",))
    assert is_on(tmp_path, select=("TUX101",))
    assert is_on(tmp_path, extend_select=("old-call",))
    assert is_on(tmp_path, config=("target-pydantic = '2.4'",))
    assert is_on(tmp_path, any_version=True)
    assert not is_on(tmp_path, config=("target-pydantic = 'auto'",))
    assert not is_on(tmp_path, isolated=True)


def test_one_version_is_one_that_is_locked_or_pinned(tmp_path: Path) -> None:
    assert config(tmp_path).runs_on("starlette") is None
    (tmp_path / "requirements.txt").write_text("starlette==0.48.0\nfastapi>=0.110\n")
    told = config(tmp_path)
    assert (told.runs_on("starlette"), told.runs_on("fastapi"), told.runs_on("rich")) == ((0, 48), None, None)
    before = told.fingerprint
    (tmp_path / "requirements.txt").write_text("starlette==0.49.0\nfastapi>=0.110\n")
    assert config(tmp_path).fingerprint != before


def test_other_processes_know_them_too(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("pydantic==2.1\n")
    (tmp_path / "trueup.toml").write_text("target-fastapi = '0.100'\n")
    configs = Configs.load(["."], CliOptions(), cwd=str(tmp_path))
    configs.remember_in(Cache(str(tmp_path / "cache")))
    # Where processes cannot be forked, they get what they need as bytes.
    there = pickle.loads(pickle.dumps(configs)).for_folder(str(tmp_path))  # noqa: S301 -- our own
    assert {name: one.version for name, one in there.targets.items()} == {"pydantic": "2.1", "fastapi": "0.100"}


def test_settings_beat_what_is_found_and_auto_takes_them_back(tmp_path: Path) -> None:
    (tmp_path / "trueup.toml").write_text("target-pydantic = '2.5'\ntarget-python = '3.13'\n")
    (tmp_path / "requirements.txt").write_text("pydantic==2.1\n")
    assert {name: one.version for name, one in config(tmp_path).targets.items()} == {
        "pydantic": "2.5",
        "python": "3.13",
    }
    assert config(tmp_path, config=("target-pydantic = 'auto'",)).targets["pydantic"].version == "2.1"


def test_what_was_found_is_remembered_until_a_file_changes(tmp_path: Path) -> None:
    class Memory(dict[str, bytes]):
        run = dict.get
        put_run = dict.__setitem__

    memory = Memory()
    (tmp_path / "requirements.txt").write_text("pydantic==2.1\n")
    root = str(tmp_path)
    first = detect(root, root, (), memory)
    assert list(memory.values()) == [json.dumps(list(first.values())).encode()]
    key = next(iter(memory))
    memory[key] = b'[["pydantic", "2.2", "x", "y", true]]'
    assert detect(root, root, (), memory)["pydantic"].version == "2.2"
    memory[key] = b"broken"
    assert detect(root, root, (), memory) == first
    (tmp_path / "requirements.txt").write_text("pydantic==2.10\n")
    assert detect(root, root, (), memory)["pydantic"].version == "2.10"


# As the commands tell it ---------------------------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path: Path) -> Plugged:
    """A project that is locked to an early Pydantic 2."""
    (tmp_path / "project").mkdir()
    plugged = Plugged(tmp_path / "project", tmp_path / "plugin")
    plugged.write({
        "uv.lock": '[[package]]\nname = "pydantic"\nversion = "2.3.0"\n',
        "app.py": "from pydantic import FieldValidationInfo\n\n\ndef f(x: FieldValidationInfo) -> None: ...\n",
    })  # fmt: skip
    return plugged


def test_config_versions_tells_what_was_found_and_what_it_switches(project: Plugged) -> None:
    out = project.run("config", "versions").out
    assert "pydantic    2.3.0  pydantic 2.3.0 in uv.lock\n" in out
    assert "fastapi     ?      found nowhere: every rule applies\n" in out
    assert "TUP545  off  early-v2-name, for pydantic>=2.4\n" in out
    assert "TUF101  on   marker-as-default, for fastapi>=0.95\n" in out
    told = {row["library"]: row for row in json.loads(project.run("config", "versions", "--output-format", "json").out)}
    assert told["pydantic"]["rules"]["TUP545"] is False
    assert told["sqlalchemy"] | {"rules": {}} == {
        "library": "sqlalchemy", "version": None, "exact": False, "origin": None, "said": None, "rules": {},
    }  # fmt: skip
    assert "did you mean `versions`" in project.run("config", "version").err


def test_check_heeds_them_and_sees_when_they_change(project: Plugged) -> None:
    assert "TUP545" not in project.run("check").out
    assert "TUP545" in project.run("check", "--select", "TUP545").out
    assert "Would repair 1 place" in project.run("migrate-v2", "--plan", "--allow-no-vcs").out
    project.write({"uv.lock": '[[package]]\nname = "pydantic"\nversion = "2.11.0"\n'})
    assert "TUP545" in project.run("check").out
