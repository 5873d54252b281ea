"""Measures the Pydantic steps of `trueup migrate-v2` and bump-pydantic side by side, on copies of one project."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))

from environments import environment

from trueup.migrate import steps

PINS = "bump-pydantic==0.8.0\nlibcst==1.9.0\n"
STEPS = [step.name for step in steps.STEPS if step.library == "pydantic" and not step.on_request]


def seconds(command: Sequence[str | Path], folder: Path, limit: float) -> tuple[float, bool]:
    """Wall-clock seconds of a command, and whether it came to its end within the limit."""
    variables = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    start = time.perf_counter()
    try:
        subprocess.run(command, cwd=folder, env=variables, capture_output=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return time.perf_counter() - start, False
    return time.perf_counter() - start, True


def changed(before: Path, after: Path) -> int:
    """How many Python files differ."""
    return sum(
        path.read_bytes() != (after / path.relative_to(before)).read_bytes()
        for path in before.rglob("*.py")
        if path.is_file()
    )


def copy_of(project: Path, files: int | None, target: Path) -> int:
    """Copy a project, or as many of its Python files as asked for, the first by name; how many they are."""
    shutil.copytree(project, target, ignore=shutil.ignore_patterns(".git", ".trueup_cache"), symlinks=True)
    sources = sorted(path for path in target.rglob("*.py") if path.is_file())
    for path in sources[files:] if files is not None else ():
        path.unlink()
    return len(sources) if files is None else min(files, len(sources))


def main() -> int:
    """Run both and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path, help="the folder of the project's package")
    parser.add_argument("--files", type=int, help="only the first so many files; all by default")
    parser.add_argument("--limit", type=float, default=1200.0, help="seconds after which bump-pydantic is stopped")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        scratch = Path(folder)
        pins = scratch / "bump-pydantic.txt"
        pins.write_text(PINS, encoding="utf-8")
        bump = environment(pins)
        ours = [sys.executable, "-m", "trueup", "migrate-v2", ".", "--allow-no-vcs", "--no-cache"]
        commands: dict[str, list[str | Path]] = {
            "trueup migrate-v2": [*ours, *(word for step in STEPS for word in ("--step", step))],
            "bump-pydantic": [bump, "-m", "bump_pydantic", "."],
        }
        for name, command in commands.items():
            before, after = scratch / "before", scratch / name.split()[0]
            shutil.rmtree(before, ignore_errors=True)
            count = copy_of(options.project, options.files, before)
            shutil.copytree(before, after, symlinks=True)
            took, ended = seconds(command, after, options.limit)
            end = f"{changed(before, after)} files changed" if ended else "stopped before its end"
            print(f"{name:20} {count:5} files {took:9.2f} s   {end}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
