"""Raises what a project says of its dependencies to what its migrated code needs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec import structs

from trueup.files import Kind, Problem, Source, SourceFile, read, write
from trueup.libraries.distributions import FLOORS, NEEDS, Floor

from .manifests import Change, Refusal, find, raise_bounds

if TYPE_CHECKING:
    from trueup.check import Workspace

    from .run import Outcome


@dataclass(slots=True)
class Manifest:
    """One file in which dependencies stand."""

    path: str
    """As it is shown."""
    source: Source | None = None
    new: str = ""
    """Its text with the bounds raised."""
    changes: list[Change] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    """What a person must raise."""
    problem: Problem | None = None
    """Why it could not be read or written."""
    lock: str = ""
    """The command that writes the lock file beside it, or above it, anew."""

    @property
    def changed(self) -> bool:
        """Whether its text is another one now."""
        return self.source is not None and self.new != self.source.text


_LOCKING = {
    "uv.lock": "uv lock",
    "poetry.lock": "poetry lock",
    "pdm.lock": "pdm lock",
    "Pipfile.lock": "pipenv lock",
}
"""Lock file -> what writes it anew."""


def lock_command(folder: str) -> str:
    """What writes the lock file of a project anew that has something in a folder; empty where it has none we know.

    The nearest lock file counts, up to the root of the repository.
    """
    while True:
        for name, command in _LOCKING.items():
            if os.path.isfile(os.path.join(folder, name)):
                return command
        above = os.path.dirname(folder)
        if above == folder or os.path.lexists(os.path.join(folder, ".git")):
            return ""
        folder = above


def relock(commands: Iterable[str]) -> str:
    """What is to be done about lock files; the commands are those of the files whose bounds were raised."""
    shown = " and ".join(f"`{one}`" for one in dict.fromkeys(commands) if one)
    return f"Lock files are not touched: lock again, {shown or 'with your own tool'}."


def manifests(workspace: Workspace, root: str) -> list[str]:
    """The files that may say what the files of a run depend on: in their folders and those above, up to the root."""
    folders: dict[str, None] = {}
    for file in workspace.files:
        folder = os.path.dirname(file.absolute)
        while folder not in folders and (folder == root or folder.startswith(root.rstrip("/") + "/")):
            folders[folder] = None
            folder = os.path.dirname(folder)
    return find(folders)


def floors(
    outcome: Outcome, texts: Iterable[str], imports: Callable[[Iterable[str]], bool]
) -> tuple[list[Floor], list[Floor]]:
    """What must not be lower, and what must be there, after what a migration did.

    `texts`: of all files, as they stand now; `imports`: whether any of them imports one of some packages.
    """
    libraries = {step.step.library for step in outcome.steps if step.fixed}
    # Some repairs bring a package along; what the fixer is told names it then.
    libraries |= {getattr(finding.clue, "package", "") for step in outcome.steps for finding in step.fixed}
    wanted = [floor for library in sorted(libraries & FLOORS.keys()) for floor in FLOORS[library]]
    if not wanted:
        return [], []
    known = list(texts)
    for name, distribution, version in NEEDS:
        if any(name in text for text in known):
            wanted = [
                structs.replace(one, version=_higher(one.version, version)) if one.name == distribution else one
                for one in wanted
            ]
    return wanted, [one for one in wanted if one.added_for and imports([one.added_for])]


def _higher(one: str, other: str) -> str:
    return max(one, other, key=lambda version: tuple(map(int, version.split("."))))


def plan(
    paths: Sequence[str], shown: Callable[[str], str], wanted: Sequence[Floor], added: Sequence[Floor]
) -> list[Manifest]:
    """What becomes of some files; those of which nothing is to be said are left out. Nothing is written."""
    result = []
    for path in paths:
        found = Manifest(shown(path))
        source = read(SourceFile(found.path, path, ""))
        if isinstance(source, Problem):
            found.problem = source._replace(kind=Kind.OPERATION)
        else:
            raised = raise_bounds(path, source.text, wanted, added)
            found.source, found.new = source, raised.text
            found.changes, found.refusals = raised.changes, raised.refusals
            found.lock = lock_command(os.path.dirname(path)) if raised.changes else ""
        if found.changed or found.refusals or found.problem:
            result.append(found)
    return result


def write_all(found: Iterable[Manifest]) -> None:
    """Replace the texts of files by the new ones; a file that cannot be written says why."""
    for one in found:
        if one.source is not None and one.changed:
            one.problem = write(one.source, one.new)
