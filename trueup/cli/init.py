"""`trueup init`: settings, hooks and CI for a project, shown before they are written."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from .options import Color, ColorOption, option

if TYPE_CHECKING:
    from trueup.onboarding import Found


def init(
    folder: Annotated[str, typer.Argument(metavar="[PATH]", help="The project; default: this folder.")] = ".",
    yes: Annotated[bool, option("--yes", "-y", help="Write without asking.")] = False,
    diff: Annotated[bool, option("--diff", help="Only show what would be written; exit 1 if anything.")] = False,
    color: ColorOption = Color.AUTO,
) -> int:
    """Set trueup up in a project: its settings, a pre-commit hook, a CI step, ruff's leave for its comments.

    What is there already is left alone. The changes are shown first, and written when they are confirmed.
    """
    import os

    from trueup import __version__, onboarding
    from trueup.report.diff import unified
    from trueup.report.text import plural

    from .terminal import Terminal

    terminal = Terminal(color)
    root = os.path.abspath(folder)
    if not os.path.isdir(root):
        terminal.fault(f"{folder}: there is no such folder")
        return 2

    def read(path: str) -> str | None:
        try:
            with open(os.path.join(root, path), encoding="utf-8", newline="") as stream:
                return stream.read()
        except FileNotFoundError:
            return None

    try:
        there = _look(root, read, __version__)
        found = onboarding.changes(there)
    except (OSError, UnicodeDecodeError) as error:
        terminal.fault(f"{folder}: cannot be read: {error}")
        return 2
    except onboarding.BrokenFileError as error:
        terminal.fault(str(error))
        return 2
    unsaid = onboarding.by_hand(there)
    if not there.is_git and onboarding.is_below_git(root):
        terminal.note("The repository begins further up: hooks and CI are set up by `trueup init` in its folder.")
    if not found and not unsaid:
        terminal.note("Nothing is missing here.")
        return 0
    for change in found:
        terminal.diff(unified(change.path, change.before, change.after))
    for change in found:
        terminal.note(f"{change.path}: {change.why}")
    for line in unsaid:
        terminal.note(f"To be written by hand: {line}")
    if not found:
        return 0
    if diff:
        return 1
    if not yes:
        if not sys.stdin.isatty():
            terminal.note("Nothing is written: confirm with --yes.")
            return 1
        terminal.note(f"Write {plural(len(found), 'file')}? [y/N]")
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            return 1
    for change in found:
        place = os.path.join(root, change.path)
        try:
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "w", encoding="utf-8", newline="") as stream:
                stream.write(change.after)
        except OSError as error:
            terminal.fault(f"{change.path}: cannot be written: {error.strerror}")
            return 2
    terminal.note("Next: `trueup check`, and `trueup check --update-baseline` where there is too much to repair today.")
    return 0


def _look(root: str, read: Callable[[str], str | None], version: str) -> Found:
    """What a project has already."""
    import os

    from trueup.onboarding import Found

    migrations = []
    alembic = re.search(r"^script_location\s*=\s*(?:%\(here\)s/)?([\w./-]+)", read("alembic.ini") or "", re.MULTILINE)
    if alembic is not None and os.path.isdir(os.path.join(root, alembic[1])):
        migrations.append(alembic[1].removeprefix("./").rstrip("/"))
    return Found(
        read,
        is_git=os.path.lexists(os.path.join(root, ".git")),
        on_github=os.path.isdir(os.path.join(root, ".github")) or "github.com" in (read(".git/config") or ""),
        version=version,
        has_migrations=tuple(migrations),
    )
