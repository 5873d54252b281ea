"""How often business-logic-in-router is right, on handlers of real projects that a person has judged.

    .venv/bin/python scripts/router_labels.py               # fetches the projects, once, and judges
    .venv/bin/python scripts/router_labels.py --update      # and writes the scores of today into tests/labels

A label is a module, a function and a verdict: `fat` if a reviewer would move what it does to a service, else `thin`.
None of their code is kept here. Exits with 1 where too few of what is reported deserves it.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import NamedTuple

from corpus import Project, cache_folder, fetch

from trueup.check import Workspace
from trueup.config import CliOptions, Configs
from trueup.registry import load_checkers

LABELS = Path(__file__).parent.parent / "tests" / "labels"
CODE = "TUL101"
ADVICE, WARNING = 4, 6
"""From which score on a handler is reported, and from which on as a warning."""
AIMS = {"warnings": 0.95, "advice": 0.85}
"""How many of those reported should be fat."""


@dataclass(frozen=True, slots=True)
class Label:
    """One handler, as a person judged it, and as trueup did when the scores were last written."""

    module: str
    function: str
    score: int
    verdict: str

    @property
    def key(self) -> tuple[str, str]:
        """What it is found by."""
        return self.module, self.function


class Tally(NamedTuple):
    """How many of some handlers are fat."""

    fat: int
    all: int

    @property
    def share(self) -> float:
        """1 where there are none."""
        return self.fat / self.all if self.all else 1.0

    def __str__(self) -> str:
        return f"{self.fat} of {self.all} ({self.share:.0%})"


def read(path: Path) -> tuple[str, list[Label]]:
    """The project a file of labels is about, and the labels."""
    held = json.loads(path.read_text("utf-8"))
    return held["project"], [Label(**one) for one in held["handlers"]]


def write(path: Path, project: str, labels: Iterable[Label]) -> None:
    """Write a file of labels, one a line."""
    rows = ",\n".join(f"  {json.dumps(asdict(one))}" for one in sorted(labels, key=lambda one: one.key))
    path.write_text(f'{{"project": "{project}", "handlers": [\n{rows}\n]}}\n', "utf-8")


def tallies(labels: Iterable[Label]) -> dict[str, Tally]:
    """Of what is reported as a warning, as advice, and not at all: how many are fat."""
    groups: dict[str, list[Label]] = {"warnings": [], "advice": [], "silent": []}
    for one in labels:
        groups["warnings" if one.score >= WARNING else "advice" if one.score >= ADVICE else "silent"].append(one)
    return {name: Tally(sum(one.verdict == "fat" for one in some), len(some)) for name, some in groups.items()}


def scores(folder: Path) -> Iterator[tuple[tuple[str, str], int]]:
    """(module, function) and score of all handlers of a project."""
    configs = Configs.load([str(folder)], CliOptions(isolated=True, config=("router-logic-threshold = 1",)))
    workspace = Workspace.open([str(folder)], configs)
    workspace.use([checker for checker in load_checkers() if checker.rule.code == CODE])
    for finding in workspace.check():
        told = re.match(r"`(\w+)` \(score (\d+)\)", finding.message)
        facts = workspace.project.files.get(finding.path)
        if told is not None and facts is not None:
            yield (facts.module, told[1]), int(told[2])


def main() -> int:
    """Judge; the exit code."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--update", action="store_true", help="write the scores of today into tests/labels")
    update = options.parse_args().update
    every: list[Label] = []
    for path in sorted(LABELS.glob("*.json")):
        project, labels = read(path)
        name, _, version = project.rpartition("-")
        known = dict(scores(fetch(Project(name, version, "its handlers are labelled"), cache_folder())))
        judged = [replace(one, score=known.get(one.key, 0)) for one in labels]
        for old, new in zip(labels, judged, strict=True):
            if old.score != new.score:
                print(f"{project}: {new.module}.{new.function}: score {new.score}, was {old.score} ({new.verdict})")
        if update:
            write(path, project, judged)
        every += judged
    found = tallies(every)
    for group, tally in found.items():
        print(f"{group}: {tally} fat" + (f", aim {AIMS[group]:.0%}" if group in AIMS else ""))
    return int(any(found[group].share < aim for group, aim in AIMS.items()))


if __name__ == "__main__":
    sys.exit(main())
