"""The run on real projects: it sees what goes wrong, and what is different from an earlier run; nothing is fetched."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "scripts"))  # scripts are no package: they are run, not installed

from corpus import PROJECTS, Project  # noqa: E402
from real_projects import Report, comparison, examine, fault, summary  # noqa: E402

PROJECT = Project("sample", "1.0", "stands in for a wheel")
LEGACY = """\
from pydantic import BaseModel


class User(BaseModel):
    name: str


def show(user: User) -> dict[str, str]:
    return user.dict()
"""


def cache_with(folder: Path, files: dict[str, str]) -> Path:
    """A cache in which the project is unpacked already."""
    for name, text in files.items():
        path = folder / "unpacked" / "sample-1.0" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.mark.slow
def test_a_project_is_checked_and_migrated_without_being_touched(tmp_path: Path) -> None:
    files = {"sample/models.py": LEGACY, "sample/old.py": "print 'Python 2'\n"}
    cache = cache_with(tmp_path, files)
    report = examine(PROJECT, cache, tmp_path / "kept", "")
    assert report.problems == []
    assert (report.files, report.lines, report.changed_files) == (2, 10, 1)
    assert report.findings_before["TUP101"] == 1
    assert "TUP101" not in report.findings_after
    assert report.receivers["TUP101"] == {"typed": 1}
    assert set(report.runs) >= {"check", "check, warm", "migrate-v2", "migrate-v2 again", "check after"}
    assert "user.model_dump()" in (tmp_path / "kept" / "sample" / "sample" / "models.py").read_text()
    assert (cache / "unpacked" / "sample-1.0" / "sample" / "models.py").read_text() == LEGACY
    assert "TUP101" in summary([report])


def test_a_sample_names_the_files_of_the_cache(tmp_path: Path) -> None:
    cache = cache_with(tmp_path, {"sample/models.py": LEGACY})
    report = examine(PROJECT, cache, None, "TUP101")
    (finding,) = report.sampled
    assert finding["filename"] == str(cache / "unpacked" / "sample-1.0" / "sample" / "models.py")


def test_what_does_not_compile_is_a_fault() -> None:
    assert fault(b"x = 1\n") == ""
    assert fault(b"def f(a, a): pass\n").startswith("SyntaxError")  # parses, but is no function
    assert fault(b"# coding: nonsense\n").startswith("SyntaxError")
    assert fault(b"x = '\0'\n")


def test_a_comparison_names_every_difference() -> None:
    old = Report("sample", "1.0", changed_files=3, findings_before={"TUP101": 5}, runs={"check": cost(1.0)})
    old.problem("unparsable", "a.py", "line 3")
    new = Report("sample", "1.0", changed_files=3, findings_before={"TUP101": 7}, runs={"check": cost(2.0)})
    new.problem("crash", "check", "exit 2")
    text = comparison({"projects": [asdict(old)]}, {"projects": [asdict(new), asdict(Report("other", "2.0"))]})
    assert text.splitlines() == [
        "sample: new problem: crash: check",
        "sample: solved: unparsable: a.py",
        "sample: TUP101 before: 5 -> 7",
        "sample: check: 1.0 -> 2.0 seconds",
        "other: not in the earlier run",
    ]
    assert comparison({"projects": [asdict(old)]}, {"projects": [asdict(old)]}) == "No difference.\n"


def cost(seconds: float) -> dict[str, float]:
    return {"exit": 0, "seconds": seconds, "megabytes": 50}


def test_every_project_is_pinned_once_and_says_why_it_is_there() -> None:
    assert len({project.name for project in PROJECTS}) == len(PROJECTS) >= 8
    assert all(project.version and project.why for project in PROJECTS)
