"""What guides get wrong in their own examples is found: by trueup's rules, or by ruff's."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from trueup.cli.app import run

GUIDES = Path(__file__).parent.parent / "fixtures" / "apps" / "guides"
MARK = re.compile(r"[ \t]*# ! ([A-Z]+\d+(?: [A-Z]+\d+)*)$", re.MULTILINE)


def marked(root: Path) -> set[tuple[str, int, str]]:
    """(file, line, code) of all marks, which are taken out."""
    marks: set[tuple[str, int, str]] = set()
    for path in sorted(root.rglob("*.py")):
        text = path.read_text("utf-8")
        name = path.relative_to(root).as_posix()
        for number, line in enumerate(text.split("\n"), 1):
            marks |= {(name, number, code) for one in MARK.finditer(line) for code in one[1].split()}
        path.write_text(MARK.sub("", text), "utf-8")
    return marks


def test_each_mistake_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "guides"
    shutil.copytree(GUIDES, root)
    marks = marked(root)
    monkeypatch.chdir(root)
    run(["check", "--no-cache", "--output-format", "json"])
    rows = json.loads(capsys.readouterr().out)
    found = {(Path(row["filename"]).relative_to(root).as_posix(), row["location"]["row"], row["code"]) for row in rows}
    assert marks <= found, sorted(marks - found)
    # Of trueup's own findings there are no others; of ruff's there are.
    assert {one for one in found if one[2].startswith("TU")} <= marks
    assert len({code for *_, code in marks}) > 20
