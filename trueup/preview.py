"""What each repair would change, one by one, without making any: for reports that show or offer them."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from .edits import Lines, Preview, edits_between
from .exports import Exports, package_of
from .fix import Workspace
from .fix_text import Trial, try_each
from .model import Finding, Safety

if TYPE_CHECKING:
    from .registry import Fixer

PAYS = 30
"""Fewer files than this are tried before a second process has started."""


LIMIT = 400_000
"""Lines of a file times its repairs: to try each alone is to read the file that often. More are not tried."""


def previews(
    workspace: Workspace,
    known: Sequence[Finding],
    wanted: Sequence[Finding],
    *,
    jobs: int = 1,
    fixers: Mapping[str, Fixer] | None = None,
) -> dict[Finding, Preview]:
    """Finding -> what its repair would change, of those that have one.

    Args:
        workspace: the files as they stand.
        known: all findings of the run, with their clues, so that those of one group are found.
        wanted: those to try.
        jobs: processes, started only above some 30 files.
        fixers: code -> fixer; all that are registered, if not given.
    """
    wanted = [one for one in wanted if one.safety is not Safety.MANUAL]
    if not wanted:
        return {}
    if fixers is None:
        from .registry import load_fixers

        fixers = load_fixers()
    groups: dict[str, list[Finding]] = {}
    for one in known:
        if one.group:
            groups.setdefault(one.group, []).append(one)
    found: dict[Finding, Preview] = {}
    batches: dict[str, dict[str, list[Finding]]] = {}
    keys: dict[Finding, str] = {}
    room: dict[str, int] = {}
    for number, one in enumerate(wanted):
        members = list(dict.fromkeys(groups.get(one.group, ()))) if one.group else [one]
        if reason := _unfit(members) or _too_many(workspace, members, room):
            found[one] = Preview(reason=reason)
            continue
        keys[one] = key = one.group or str(number)
        for member in members:
            batch = batches.setdefault(member.path, {}).setdefault(key, [])
            if member not in batch:
                batch.append(member)
    tried = _try_all(workspace, batches, fixers, jobs)
    made = _edits(workspace, tried)
    for one, key in keys.items():
        parts = [made[path, key] for path in batches if (path, key) in made]
        reason = next((part.reason for part in parts if part.reason), "")
        found[one] = Preview(reason=reason) if reason else Preview(tuple(e for part in parts for e in part.edits))
    return found


def _too_many(workspace: Workspace, members: Sequence[Finding], room: dict[str, int]) -> str:
    """Why a repair is not tried where others of its files were; `room` is how many each file has left."""
    paths = dict.fromkeys(member.path for member in members)
    for path in paths:
        if path not in room:
            room[path] = LIMIT // max(1, workspace.text(path).count("\n"))
    if any(room[path] <= 0 for path in paths):
        return "the file is too long, and has too many repairs, to try each alone"
    for path in paths:
        room[path] -= 1
    return ""


def _unfit(members: Sequence[Finding]) -> str:
    """Why findings that go together cannot be repaired together; empty if they can."""
    if len(members) < members[0].members:
        return "it goes together with places elsewhere that are not being checked"
    if len(members) > 1 and any(not one.fixable for one in members):
        return "it goes together with a place that is to be repaired by hand"
    return ""


def _try_all(
    workspace: Workspace, batches: Mapping[str, Mapping[str, list[Finding]]], fixers: Mapping[str, Fixer], jobs: int
) -> dict[tuple[str, str], Trial]:
    exports = Exports(workspace.text)
    files = workspace.project.files
    work: list[_Work] = []
    for path, some in batches.items():
        facts = files.get(path)
        exported = tuple(sorted(exports.of(facts, files))) if facts is not None else ()
        package = package_of(facts) if facts is not None else ""
        work.append(_Work(path, workspace.text(path), tuple(map(tuple, some.values())), exported, package))
    if jobs > 1 and len(work) > PAYS:
        from concurrent.futures import ProcessPoolExecutor

        from .index.build import context, mixed

        gc.freeze()
        shares = mixed(list(enumerate(work)), jobs * 4)
        with ProcessPoolExecutor(jobs, mp_context=context()) as pool:
            done = dict(pair for part in pool.map(partial(_numbered, fixers), shares) for pair in part)
        trials = [done[number] for number in range(len(work))]
    else:
        trials = [_tried(fixers, one) for one in work]
    return {
        (one.path, key): trial
        for one, some in zip(work, trials, strict=True)
        for key, trial in zip(batches[one.path], some, strict=True)
    }


class _Work(NamedTuple):
    """One file, as it is sent to a process."""

    path: str
    text: str
    batches: tuple[tuple[Finding, ...], ...]
    exported: tuple[str, ...]
    package: str


def _numbered(fixers: Mapping[str, Fixer], share: Sequence[tuple[int, _Work]]) -> list[tuple[int, list[Trial]]]:
    return [(number, _tried(fixers, one)) for number, one in share]


def _tried(fixers: Mapping[str, Fixer], one: _Work) -> list[Trial]:
    return try_each(one.text, one.batches, fixers, one.path, exported=one.exported, package=one.package)


def _edits(workspace: Workspace, tried: Mapping[tuple[str, str], Trial]) -> dict[tuple[str, str], Preview]:
    made: dict[tuple[str, str], Preview] = {}
    lines: dict[str, Lines] = {}
    for (path, key), trial in tried.items():
        if trial.reason:
            made[path, key] = Preview(reason=trial.reason)
            continue
        if path not in lines:
            lines[path] = Lines(workspace.text(path))
        made[path, key] = Preview(tuple(edits_between(path, lines[path], trial.text)))
    return made
