"""Queries mean the same: each fixture's send the same SQL and return the same before and after their repair."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from trueup.check import Workspace
from trueup.config import CliOptions, Configs
from trueup.fix import fix_project

from .oracles.queries import runs

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from environments import environment  # noqa: E402

RULES = ("TUS401", "TUS402", "TUS403", "TUS404", "TUS451", "TUS452")
CASES = sorted(
    case
    for case in (ROOT / "fixtures" / "sqlalchemy").glob("*/*/")
    if (case / "before" / "data.py").is_file() and not case.name.startswith(("manual_", "skip_"))
)
PINS = ROOT / "tests" / "oracles" / "pins"
NEW = ("2.0", "2.1")
MARK = re.compile(r"[ \t]*# ! TU.*$", re.MULTILINE)

_REFUSALS = ("ArgumentError", "AttributeError", "InvalidRequestError")
"""What SQLAlchemy 2 raises for strings where attributes must stand, and for methods that are gone."""
Observed = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, Path]]:
    """The programs of the fixtures: as they are, and with all their queries repaired."""
    found = []
    for case in CASES:
        folder = tmp_path_factory.mktemp(f"queries_{case.parent.name}_{case.name}", numbered=False)
        old, new = folder / "old", folder / "new"
        shutil.copytree(case / "before", old)
        for path in old.rglob("*.py"):
            path.write_text(MARK.sub("", path.read_text("utf-8")), "utf-8")
        shutil.copytree(old, new)
        configs = Configs.load([str(new)], CliOptions(select=RULES), cwd=str(new))
        workspace = Workspace.open([str(new)], configs)
        for name in fix_project(workspace, lambda finding: finding.fixable).changed:
            assert workspace.write(name) is None
        found.append((old, new))
    return found


@pytest.fixture(scope="module")
def observed(programs: list[tuple[Path, Path]]) -> dict[str, list[tuple[Observed, Observed]]]:
    """Version -> what each program's functions do, before and after."""
    found = {}
    for version in ("1.4", *NEW):
        python = environment(PINS / f"sqlalchemy-{version}.txt")
        old, new = (runs(python, [pair[index] for pair in programs]) for index in (0, 1))
        found[version] = list(zip(old, new, strict=True))
    return found


def test_the_oracle_has_something_to_look_at() -> None:
    assert len(CASES) > 10


@pytest.mark.slow
@pytest.mark.parametrize("version", ("1.4", *NEW))
def test_the_same_sql_is_sent_and_the_same_comes_back(
    version: str, observed: dict[str, list[tuple[Observed, Observed]]]
) -> None:
    different, compared = {}, 0
    for case, (old, new) in zip(CASES, observed[version], strict=True):
        for name, before in old.items():
            compared += 1
            if is_gone(before) and version != "1.4":
                continue
            if before != new[name]:
                different[f"{case.parent.name}/{case.name}: {name}"] = (before, new[name])
    assert not different, "\n".join(f"{name}\n  {before}\n  {after}" for name, (before, after) in different.items())
    assert compared > 200, "functions and sessions"


@pytest.mark.slow
@pytest.mark.parametrize("version", NEW)
def test_what_comes_back_is_what_the_old_version_gave(
    version: str, observed: dict[str, list[tuple[Observed, Observed]]]
) -> None:
    different = {}
    for case, (old, _), (_, new) in zip(CASES, observed["1.4"], observed[version], strict=True):
        for name, before in old.items():
            if before["result"] != new[name]["result"]:
                different[f"{case.parent.name}/{case.name}: {name}"] = (before["result"], new[name]["result"])
    assert not different, "\n".join(f"{name}\n  {before}\n  {after}" for name, (before, after) in different.items())


@pytest.mark.slow
def test_no_query_is_left(programs: list[tuple[Path, Path]]) -> None:
    for case, (_, new) in zip(CASES, programs, strict=True):
        for path in new.rglob("*.py") if case.name != "not_known" else ():
            assert not re.search(r"\b(?:db|session)\.query\(", path.read_text()), f"{case}: {path.name}"


def is_gone(before: dict[str, Any]) -> bool:
    """Whether what the old form asked for is gone in the new version, so that it raises there."""
    result = before["result"]
    return isinstance(result, list) and result[:1] == ["raises"] and result[1] in _REFUSALS
