"""Migrates a copy of the legacy shop before your eyes and proves that it still works."""

from __future__ import annotations

import difflib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from environments import CannotBuild, environment, run_tests

SHOP = Path(__file__).resolve().parent.parent / "fixtures" / "apps" / "legacy_shop"
SHOWN = ("shop/users/schemas.py", "shop/catalog/models.py")
"""Files whose diff is shown, as far as EXCERPT goes."""
EXCERPT = 24
"""Lines."""
LAST_WORDS = 25
"""Lines of pytest's output that are shown when the tests fail."""

Difference = Mapping[str, Sequence[str]]
"""Path of a changed file -> its unified diff, line by line."""


class Failed(Exception):
    """Something that the demo promises did not happen; the text says what."""


def main() -> int:
    """Runs the demo; 0 when everything it promises held, else 1."""
    scratch = Path(tempfile.mkdtemp(prefix="trueup-demo-"))
    shop = scratch / SHOP.name
    try:
        copy_shop(shop)
        show_shop(shop)
        before = check(shop)
        migrate(shop)
        show_difference(difference(shop))
        show_by_rule(before, findings(shop))
        prove(shop)
    except (Failed, CannotBuild) as failure:
        print(f"\n{paint('Failed:', '1;31')} {failure}")
        print(f"The scratch folder is {scratch}")
        return 1
    print(f"\nThe migrated shop is in {shop}; delete it when you have seen enough.")
    return 0


def copy_shop(shop: Path) -> None:
    """Puts a fresh copy of the fixture where `shop` says."""
    shutil.copytree(SHOP, shop, ignore=shutil.ignore_patterns("__pycache__", "*.db"))


def show_shop(shop: Path) -> None:
    """Says what the shop is, and that its tests pass on the libraries it was written for and on no others."""
    heading("A shop from 2021")
    texts = list(sources(shop).values())
    print(f"{len(texts)} files, {sum(text.count(chr(10)) for text in texts):,} lines, in {shop}")
    expect_pass(shop, "legacy")
    done = run_tests(shop, build("current"))
    if done.returncode == 0:
        raise Failed("the shop runs on the current libraries as it is: there is nothing to prove")
    reason = next((line[1:].strip() for line in done.stdout.splitlines() if line.startswith("E  ")), "its tests fail")
    print(f"{paint('does not work', '33')} on {libraries('current')}:\n    {reason.partition('. ')[0]}")


def check(shop: Path) -> list[dict[str, Any]]:
    """Shows what `trueup check` finds, and returns it."""
    found = findings(shop)
    heading("trueup check --statistics")
    trueup(shop, "check", ".", "--statistics", "--exit-zero")
    print("\nOne of each, as `trueup check` says it:\n")
    one_each = {finding["code"]: finding for finding in reversed(found)}
    for code in sorted(one_each):
        finding = one_each[code]
        place = finding["location"]
        print(
            f"{relative(finding['filename'], shop)}:{place['row']}:{place['column']}: {paint(code, '1;31')}"
            f" {finding['message']}"
        )
    if not found:
        raise Failed("`trueup check` finds nothing in a shop full of old code")
    return found


def migrate(shop: Path) -> None:
    """Runs the migration; it tells by itself what it repaired, by rule, and what is left."""
    heading("trueup migrate-v2")
    status = trueup(shop, "migrate-v2", ".", "--allow-no-vcs")
    if status not in (0, 3):
        raise Failed(f"`trueup migrate-v2` ended with {status}")


def show_difference(changed: Difference) -> None:
    """Says how large the diff is, and shows a little of it."""
    heading("The diff")
    if not changed:
        raise Failed("`trueup migrate-v2` changed nothing")
    added = sum(line.startswith("+") for lines in changed.values() for line in lines[2:])
    removed = sum(line.startswith("-") for lines in changed.values() for line in lines[2:])
    print(f"{len(changed)} files changed, {added} lines added, {removed} removed")
    for path in SHOWN:
        lines = changed.get(path, ())
        if lines:
            print()
        for line in lines[:EXCERPT]:
            print(paint(line, {"+": "32", "-": "31", "@": "36"}.get(line[0], "")))
        if len(lines) > EXCERPT:
            print(f"... {len(lines) - EXCERPT} lines more")


def show_by_rule(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> None:
    """Compares what `trueup check` finds before and after, rule by rule."""
    heading("Found before and after")
    rules = sorted({(f["code"], f["name"]) for f in (*before, *after)})
    width = max(len(name) for _, name in rules)
    for code, name in rules:
        was, left = (sum(f["code"] == code for f in found) for found in (before, after))
        print(f"{code}  {name:<{width}}  {was:>4} -> {left}")
    print(f"{'all':<6}  {'':<{width}}  {len(before):>4} -> {len(after)}")


def prove(shop: Path) -> None:
    """Runs the shop's tests, as they were before the migration, on the migrated code with the current libraries."""
    heading("The proof")
    shutil.rmtree(shop / "tests")
    shutil.copytree(SHOP / "tests", shop / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    expect_pass(shop, "current")


def expect_pass(shop: Path, pins: str) -> None:
    """Runs the shop's tests on the libraries that `pins` names; raises Failed with what pytest says otherwise."""
    done = run_tests(shop, build(pins))
    summary = (done.stdout.strip().splitlines() or [""])[-1]
    if done.returncode:
        said = "\n".join(done.stdout.splitlines()[-LAST_WORDS:])
        raise Failed(f"the shop's own tests on {libraries(pins)}:\n{said}")
    print(f"{paint('its own tests pass', '32')} on {libraries(pins)}: {summary}")


def build(pins: str) -> Path:
    """The interpreter of the environment that `pins` names, `legacy` or `current`."""
    print(paint(f"(an environment with the {pins} libraries: made once, then kept)", "2"), flush=True)
    return environment(SHOP / f"requirements-{pins}.txt")


def libraries(pins: str) -> str:
    """The three libraries and their versions, as the pins say: `fastapi 0.99.1, ...`."""
    wanted = ("fastapi", "pydantic", "sqlalchemy")
    lines = (SHOP / f"requirements-{pins}.txt").read_text(encoding="utf-8").splitlines()
    names = [(line.partition("[")[0].partition("=")[0], line.rpartition("=")[2]) for line in lines]
    return ", ".join(f"{name} {version}" for name, version in names if name in wanted)


def findings(shop: Path) -> list[dict[str, Any]]:
    """What `trueup check` finds in the shop itself, as its JSON has it."""
    command = command_line("check", ".", "--output-format", "json", "--exit-zero")
    done = subprocess.run(command, cwd=shop, text=True, capture_output=True, check=False)
    try:
        found: list[dict[str, Any]] = json.loads(done.stdout)
    except ValueError as error:
        raise Failed(f"`trueup check` ended with {done.returncode} and said:\n{done.stdout}{done.stderr}") from error
    return found


def trueup(shop: Path, *arguments: str) -> int:
    """Runs a trueup command in the shop's folder, its output straight to the screen; returns its exit code."""
    print(paint(f"$ trueup {' '.join(arguments)}", "2"), flush=True)
    return subprocess.run(command_line(*arguments), cwd=shop, check=False).returncode


def command_line(*arguments: str) -> list[str]:
    """`-P`: nothing in the shop's folder is imported in place of a library."""
    return [sys.executable, "-P", "-m", "trueup", *arguments]


def difference(shop: Path) -> Difference:
    """What the migration changed, compared with the fixture."""
    before, after = sources(SHOP), sources(shop)
    return {
        path: list(difflib.unified_diff(old.splitlines(), new.splitlines(), f"a/{path}", f"b/{path}", lineterm=""))
        for path, old, new in ((path, before.get(path, ""), after.get(path, "")) for path in sorted({*before, *after}))
        if old != new
    }


def sources(folder: Path) -> dict[str, str]:
    """Path inside the folder -> text, of all its Python files, in order."""
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.py"))
    }


def relative(path: str, folder: Path) -> str:
    """The path as seen from the folder."""
    return os.path.relpath(Path(folder, path).resolve(), folder.resolve())


def heading(text: str) -> None:
    """A line that begins a part of the demo."""
    print(f"\n{paint('== ' + text + ' ' + '=' * max(0, 76 - len(text)), '1')}\n", flush=True)


def paint(text: str, style: str) -> str:
    """The text in a style (ANSI's numbers) where the output is a terminal that wants colours."""
    wanted = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return f"\033[{style}m{text}\033[0m" if wanted and style else text


if __name__ == "__main__":
    sys.exit(main())
