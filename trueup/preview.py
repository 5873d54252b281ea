"""What each repair would change, one by one, without making any: for reports that show or offer them."""

from __future__ import annotations

import gc
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from .edits import Lines
from .exports import Exports, package_of
from .fix import Workspace
from .fix_text import Trial, try_each
from .model import Finding, Safety

if TYPE_CHECKING:
    from .registry import Fixer

PAYS = 30
"""Fewer files than this are tried before a second process has started."""


class TextEdit(NamedTuple):
    """Put `text` in place of a stretch of a file; lines and columns as in a `Span`."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str


class Preview(NamedTuple):
    """What one repair would change: of a repair that takes several places, all of them."""

    edits: tuple[TextEdit, ...] = ()
    reason: str = ""
    """Why it cannot be made, where it cannot."""


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
    for number, one in enumerate(wanted):
        members = list(dict.fromkeys(groups.get(one.group, ()))) if one.group else [one]
        if reason := _unfit(members):
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


def edits_between(path: str, old: Lines, new: str) -> list[TextEdit]:
    """Few and small edits that make one text of another, in the order of the text."""
    text = old.text
    start = _shared(text, new)
    start = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    end = _shared(text[start:][::-1], new[start:][::-1])
    while end and (text[len(text) - end - 1] not in "\r\n" if end < len(text) else False):
        end -= 1  # only whole lines
    before = text[start : len(text) - end].splitlines(keepends=True)
    after = new[start : len(new) - end].splitlines(keepends=True)
    result = []
    at = [start]
    for line in before:
        at.append(at[-1] + len(line))
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        was, now = "".join(before[i1:i2]), "".join(after[j1:j2])
        head = _shared(was, now)
        tail = _shared(was[head:][::-1], now[head:][::-1])
        first, last = at[i1] + head, at[i2] - tail
        result.append(TextEdit(path, *_place(old, first), *_place(old, last), now[head : len(now) - tail]))
    return result


def _shared(a: str, b: str) -> int:
    """How many characters two texts begin with alike."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _place(lines: Lines, offset: int) -> tuple[int, int]:
    line = bisect_right(lines.starts, offset)
    return line, offset - lines.starts[line - 1] + 1
