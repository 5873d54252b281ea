"""Lets each tool migrate a copy of the legacy shop; says what is left, and whether the shop's tests pass then."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))

from demo import SHOP, command_line, copy_shop, difference, findings
from environments import environment, run_tests
from measure import table

BUMP = "bump-pydantic==0.8.0\nlibcst==1.9.0\n"
FAMILIES = {"TUP": "Pydantic", "TUS": "SQLAlchemy", "TUA": "async", "TUF": "FastAPI"}


def commands(scratch: Path) -> dict[str, list[list[str]]]:
    """Name of a tool -> what is run in the copy."""
    pins = scratch / "bump-pydantic.txt"
    pins.write_text(BUMP, encoding="utf-8")
    bump = environment(pins)
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "FAST,ASYNC,UP", "--fix", "--unsafe-fixes"]
    return {
        "nothing": [],
        "bump-pydantic 0.8.0": [[str(bump), "-m", "bump_pydantic", "shop"]],
        "ruff, FAST ASYNC UP": [[*ruff, "--exit-zero", "-q", "."]],
        "trueup migrate-v2": [command_line("migrate-v2", ".", "--allow-no-vcs", "-q")],
    }


def run(tool: Sequence[Sequence[str]], shop: Path) -> float:
    """Seconds that a tool takes; an exit code below 0 or of 2 is a failure."""
    variables = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    start = time.perf_counter()
    for command in tool:
        done = subprocess.run(command, cwd=shop, env=variables, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1, 3):
            sys.exit(f"{command[0]} ended with {done.returncode}: {done.stderr[-400:]}")
    return time.perf_counter() - start


def tests(shop: Path) -> str:
    """How the shop's own tests end on the current libraries."""
    done = run_tests(shop, environment(SHOP / "requirements-current.txt"))
    last = (done.stdout.strip().splitlines() or ["no tests ran"])[-1]
    counts = re.findall(r"\d+ (?:passed|failed|errors?)", last)
    return ", ".join(counts) if done.returncode in (0, 1) and counts else "cannot be imported"


def main() -> None:
    """Print the table."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    rows: list[tuple[object, ...]] = [("tool", "seconds", "files", *FAMILIES.values(), "tests on current libraries")]
    with tempfile.TemporaryDirectory(prefix="trueup-benchmark-") as folder:
        for number, (name, tool) in enumerate(commands(Path(folder)).items()):
            shop = Path(folder) / str(number) / SHOP.name
            copy_shop(shop)
            seconds = run(tool, shop)
            left = Counter(finding["code"][:3] for finding in findings(shop))
            counts = [left[family] for family in FAMILIES]
            rows.append((name, round(seconds, 1), len(difference(shop)), *counts, tests(shop)))
    print(table(rows))


if __name__ == "__main__":
    main()
