"""The handlers that a person has judged: how the files look, and that what is reported mostly deserves it."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "scripts"))  # scripts are no package: they are run, not installed

from router_labels import AIMS, LABELS, Label, read, scores, tallies, write  # noqa: E402

FILES = sorted(LABELS.glob("*.json"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_labels_are_names_and_verdicts(path: Path) -> None:
    held = json.loads(path.read_text("utf-8"))
    assert list(held) == ["project", "handlers"]
    assert held["project"] == path.stem
    assert re.fullmatch(r"[a-z][\w-]*-\d[\w.]*", path.stem)
    for one in held["handlers"]:
        assert list(one) == ["module", "function", "score", "verdict"]
        assert re.fullmatch(r"\w+(\.\w+)+", one["module"])
        assert one["function"].isidentifier()
        assert one["verdict"] in ("fat", "thin")
        assert type(one["score"]) is int
    keys = [(one["module"], one["function"]) for one in held["handlers"]]
    assert keys == sorted(set(keys))


def test_there_are_enough_of_them_and_they_are_right() -> None:
    every = [one for path in FILES for one in read(path)[1]]
    assert len(every) >= 60
    found = tallies(every)
    assert all(found[group].share >= aim for group, aim in AIMS.items()), found


def test_scores_are_counted_by_how_they_are_reported(tmp_path: Path) -> None:
    labels = [Label("a.b", f"f{score}", score, "fat" if score % 2 else "thin") for score in (1, 3, 4, 5, 6, 7, 9)]
    assert {name: tuple(tally) for name, tally in tallies(labels).items()} == {
        "warnings": (2, 3),
        "advice": (1, 2),
        "silent": (2, 2),
    }
    write(tmp_path / "x.json", "x-1.0", reversed(labels))
    assert read(tmp_path / "x.json") == ("x-1.0", labels)


def test_scores_are_those_of_the_findings(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "api.py").write_text(
        "from fastapi import APIRouter\nrouter = APIRouter()\n\n\n"
        '@router.post("/x")\ndef run(repo):\n    for one in range(3):\n        repo.create_order(one)\n'
    )
    assert dict(scores(tmp_path)) == {("api", "run"): 4}
