"""Every rule on every one of its cases: what it finds, what its repair makes of that, and that nothing is left to do.

`fixtures/<wing>/<module>/<case>/before/` is a project; `# ! CODE` at the end of a line says what is found there.
`after/` holds the files that the repairs change, or all of them. A case that is not repaired has none, and is called
`skip_<why>` where nothing may be found, `manual_<why>` where it is only reported. `case.toml` may hold a table
`[config]`: the project's `[tool.trueup]`. With TRUEUP_UPDATE=1 in the environment `after/` is written first.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from trueup.check import Workspace
from trueup.config import CliOptions, Configs
from trueup.fix import FixRun, fix_project
from trueup.model import Finding
from trueup.registry import Checker, load_checkers

FIXTURES = Path(__file__).parent.parent / "fixtures"
MARK = re.compile(rb"[ \t]*# ! (TU[A-Z]\d{3}(?:[ ,]+TU[A-Z]\d{3})*)[ \t]*(?=\r?$)", re.MULTILINE)


class Case(NamedTuple):
    """One folder of fixtures."""

    folder: Path
    rule: str
    """The path of its rule's module, `pydantic/v1_validator` say."""

    @property
    def is_repaired(self) -> bool:
        return not self.folder.name.startswith(("skip_", "manual_"))


def cases() -> Iterator[Case]:
    """All cases, sorted."""
    for folder in sorted(FIXTURES.glob("*/*/*/")):
        wing, module = folder.parts[-3:-1]
        if wing != "apps":
            yield Case(folder, f"{wing}/{module}")


def checkers(case: Case) -> list[Checker]:
    """The checkers of a case's module."""
    module = f"trueup.checkers.{case.rule.replace('/', '.')}"
    return [checker for checker in load_checkers() if checker.function.__module__ == module]


class Project:
    """A copy of a case's `before/` without the marks."""

    def __init__(self, case: Case, root: Path) -> None:
        self.root = root
        self.checkers = checkers(case)
        self.codes = {checker.rule.code for checker in self.checkers}
        self.marks: list[tuple[str, int, str]] = []
        """(path, line, code), sorted."""
        before = case.folder / "before"
        shutil.copytree(before, root)
        for path in sorted(root.rglob("*.py")):
            data = path.read_bytes()
            path.write_bytes(MARK.sub(b"", data))
            name = path.relative_to(root).as_posix()
            for number, line in enumerate(re.split(rb"\r\n|\r|\n", data), 1):
                for mark in MARK.finditer(line):
                    self.marks += [(name, number, code.decode()) for code in re.split(rb"[ ,]+", mark[1])]
        self.marks.sort()
        if not (root / "pyproject.toml").exists():
            config = case.folder / "case.toml"
            text = config.read_text("utf-8") if config.exists() else ""
            text = re.sub(r"^\[config\b", "[tool.trueup", text, flags=re.MULTILINE)
            (root / "pyproject.toml").write_text(text, "utf-8")

    def workspace(self) -> Workspace:
        configs = Configs.load([str(self.root)], CliOptions(select=tuple(sorted(self.codes))), cwd=str(self.root))
        # The stubs of a library are the same for all cases: reading them again would be most of the time.
        workspace = Workspace.open([str(self.root)], configs, cache_dir=self.root.parent.parent / "cache")
        workspace.use(self.checkers)
        return workspace

    def fix(self) -> FixRun:
        """Apply the safe and the unsafe fixes, on disk."""
        workspace = self.workspace()
        run = fix_project(workspace, lambda finding: finding.fixable and finding.code in self.codes)
        for path in run.changed:
            assert workspace.write(path) is None
        return run

    def name(self, path: str) -> str:
        return (self.root / path).relative_to(self.root).as_posix()

    def places(self, findings: list[Finding]) -> list[tuple[str, int, str]]:
        return sorted((self.name(one.path), one.span.line, one.code) for one in findings)

    def files(self) -> dict[str, bytes]:
        """Name -> content of each module."""
        return {self.name(str(path)): path.read_bytes() for path in sorted(self.root.rglob("*.py"))}


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: f"{case.rule}/{case.folder.name}")
def test_case(case: Case, tmp_path: Path) -> None:
    project = Project(case, tmp_path / "project")
    after = case.folder / "after"
    assert project.checkers, f"no checker is in checkers/{case.rule}.py"
    assert bool(project.marks) != case.folder.name.startswith("skip_"), "marks, or a name skip_<why>"
    found = project.workspace().check()
    assert project.places(found) == project.marks, "\n".join(
        f"{one.path}:{one.span.line}: {one.message}" for one in found
    )

    before = project.files()
    run = project.fix()
    now = project.files()
    assert not run.failed, run.held
    for name, content in now.items():
        ast.parse(content, name)
    if os.environ.get("TRUEUP_UPDATE") and case.is_repaired:
        update(after, before, now)
    assert after.exists() or not case.is_repaired, "an after/, or a name skip_<why> or manual_<why>"
    expected = {path.relative_to(after).as_posix(): MARK.sub(b"", path.read_bytes()) for path in after.rglob("*.py")}
    wanted = {name: expected.get(name, before.get(name, b"")) for name in now}
    assert {name: text(now[name]) for name in now} == {name: text(wanted[name]) for name in now}
    assert now == wanted
    assert sorted(set(expected) - set(now)) == []

    again = project.fix()
    assert again.changed == {}, "a second run changes something"
    assert project.files() == now


def text(content: bytes) -> list[str]:
    """A file so that a difference is shown line by line."""
    return content.decode("utf-8", "replace").split("\n")


def update(after: Path, before: dict[str, bytes], now: dict[str, bytes]) -> None:
    """Write what the repairs change to `after/`."""
    shutil.rmtree(after, ignore_errors=True)
    for name, content in now.items():
        if content != before.get(name):
            (after / name).parent.mkdir(parents=True, exist_ok=True)
            (after / name).write_bytes(content)
