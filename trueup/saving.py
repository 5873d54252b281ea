"""Changed files on disk: those that go together are all written or none is, and any can get back what they held."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from . import files as fs
from .files import Kind, Problem, Source
from .model import Finding

if TYPE_CHECKING:
    from .check import Workspace


def write_all(
    workspace: Workspace,
    changed: Mapping[str, tuple[str, str]],
    fixed: Collection[Finding],
    tied: Collection[tuple[str, str]] = (),
) -> tuple[list[str], list[Problem]]:
    """Put changed files (path -> text before, text now) on disk; the paths that were written, and what failed.

    Repairs of one group stand together or not at all, and so do those of `tied` files: where one of the files
    cannot be written, the others get the text back that they had, and those that were made are taken away.
    """
    made = {path for path in changed if isinstance(one := workspace.source(path), Source) and not one.digest}
    problems: list[Problem] = []
    written: list[str] = []
    for path in sorted(changed):
        problem = workspace.write(path)
        if problem is None:
            written.append(path)
        else:
            problems.append(problem)
    groups: dict[str, set[str]] = {}
    for finding in fixed:
        if finding.group:
            groups.setdefault(finding.group, set()).add(finding.path)
    failed = [problem.path for problem in problems]
    for path in failed:
        together = {other for paths in groups.values() if path in paths for other in paths}
        together |= {other for pair in tied if path in pair for other in pair}
        for other in sorted(together & set(written)):
            undone = _undo(workspace, other, changed[other][0], other in made)
            message = f"is not changed: its repair goes together with one in {path}"
            problems.append(undone or Problem(other, message, Kind.OPERATION))
            written.remove(other)
            failed.append(other)
    for path in sorted(made - set(written)):
        workspace.leave(path)
    return written, problems


def _undo(workspace: Workspace, path: str, before: str, made: bool) -> Problem | None:
    """Give a file back the text it had, on disk too, or take it away if it had none."""
    if made:
        source = workspace.source(path)
        return source if isinstance(source, Problem) else fs.remove(source)
    workspace.update({path: before})
    return workspace.write(path)


def bytes_of(workspace: Workspace, paths: Iterable[str]) -> dict[str, bytes | None]:
    """What files hold on disk; None for those that are to be made."""
    found: dict[str, bytes | None] = {}
    for path in paths:
        source = workspace.source(path)
        if isinstance(source, Source):
            data = fs.read_bytes(source.file) if source.digest else None
            if not isinstance(data, Problem):
                found[path] = data
    return found


def restore(workspace: Workspace, held: Mapping[str, bytes | None]) -> list[Problem]:
    """Give files back what they held (`bytes_of`), on disk and here, whatever of it was written since."""
    problems: list[Problem] = []
    texts: dict[str, str] = {}
    for path, data in held.items():
        source = workspace.source(path) if workspace.holds(path) else None
        if not isinstance(source, Source):
            continue
        if data is None:
            there = fs.read(source.file)
            problem = fs.remove(there) if isinstance(there, Source) and there.text == source.text else None
        else:
            problem = fs.restore(source, data)
        if problem is not None:
            problems.append(problem)
        elif data is None:
            workspace.leave(path)
        elif (text := workspace.read_again(path)) is not None:
            texts[path] = text
    workspace.update(texts)
    return problems
