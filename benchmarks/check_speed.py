"""Measures trueup on one project: start-up, checks cold and warm, the migration, beside `ast.parse` of it all."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))

from measure import Run, python, table, trueup

PARSE = """
import ast, pathlib, sys, time, warnings
warnings.simplefilter("ignore")
sources = [path.read_bytes() for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.py")) if path.is_file()]
best, lines = float("inf"), sum(source.count(b"\\n") for source in sources)
for _ in range(3):
    start = time.perf_counter()
    for source in sources:
        try:
            ast.parse(source)
        except (SyntaxError, ValueError, RecursionError):
            pass
    best = min(best, time.perf_counter() - start)
print(len(sources), lines, best)
"""
"""Prints files, lines, and the seconds of the best of three."""


class Failed(Exception):
    """A command did not end as it should, so that its time means nothing."""


def best(times: int, command: Callable[[], Run], fine: tuple[int, ...] = (0,)) -> Run:
    """The fastest of several runs; raises Failed when one ends with another exit code than those named."""
    runs = [command() for _ in range(times)]
    for run in runs:
        if run.exit not in fine:
            raise Failed(f"exit {run.exit}: {run.stderr.strip()[-400:]}")
    return min(runs, key=lambda run: run.seconds)


def measure(project: Path, scratch: Path, times: int) -> str:
    """The table for one project; works on a copy of it in `scratch`."""
    files, lines, parse_text = python(("-c", PARSE, str(project)), scratch).stdout.split()
    parse = float(parse_text)
    rows: list[tuple[object, ...]] = [
        ("what", "seconds", "x ast.parse", "peak MB"),
        (f"ast.parse of {files} files, {lines} lines", round(parse, 3), 1.0, "-"),
    ]

    def add(label: str, run: Run) -> None:
        rows.append((label, round(run.seconds, 3), round(run.seconds / parse, 1), round(run.megabytes)))

    copy = scratch / "project"
    shutil.copytree(project, copy)
    cache = ("--cache-dir", str(scratch / "cache"))
    add("python -c pass", best(3 * times, lambda: python(("-c", "pass"), copy)))
    add("trueup --version", best(3 * times, lambda: trueup(("--version",), copy)))
    add("trueup --help", best(3 * times, lambda: trueup(("--help",), copy)))
    add("trueup rules", best(3 * times, lambda: trueup(("rules",), copy)))
    add("check, no cache", best(times, lambda: trueup(("check", ".", "--no-cache"), copy), (0, 1)))
    add("check, no cache, -j 1", best(times, lambda: trueup(("check", ".", "--no-cache", "-j", "1"), copy), (0, 1)))
    add("check, fills the cache", best(1, lambda: trueup(("check", ".", *cache), copy), (0, 1)))
    add("check, nothing changed", best(times, lambda: trueup(("check", ".", *cache), copy), (0, 1)))

    sources = sorted((path for path in copy.rglob("*.py") if path.is_file()), key=lambda path: path.stat().st_size)
    typical = sources[len(sources) // 2]

    def after_an_edit() -> Run:
        with typical.open("ab") as file:
            file.write(b"\n_edited = 1\n")
        return trueup(("check", ".", *cache), copy)

    add("check, one file changed", best(times, after_an_edit, (0, 1)))
    migrate = ("migrate-v2", ".", "--allow-no-vcs")
    add("migrate-v2 --diff", best(1, lambda: trueup((*migrate, "--diff"), copy), (0, 1, 3)))
    add("migrate-v2", best(1, lambda: trueup(migrate, copy), (0, 3)))
    return table(rows)


def main() -> int:
    """Print the table; 1 when a command failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path, help="a folder with Python code; it is copied, never written to")
    parser.add_argument("--times", type=int, default=3, help="runs of which the best counts (%(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="trueup-speed-") as scratch:
        try:
            print(measure(options.project.resolve(), Path(scratch).resolve(), options.times), end="")
        except Failed as failure:
            print(failure, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
