"""One typical place for each rule: how the code of this very project read before, and how it reads now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from trueup.edits import NEWLINE
from trueup.model import Finding

from .run import StepDone

_LONGEST = 14
"""Lines a sample may have on one side."""
_FILES = 40
"""So many files of a rule are looked at: the smallest change of these is typical enough."""


class Sample(NamedTuple):
    """A place before and after."""

    path: str
    line: int
    """Where it stood when its step began."""
    before: tuple[str, ...]
    after: tuple[str, ...]


class _Stretch(NamedTuple):
    first: int
    last: int
    old: tuple[str, ...]
    new: tuple[str, ...]


def samples(steps: Iterable[StepDone]) -> dict[str, Sample]:
    """Code -> a place that its repair, and no other one, has changed; rules of which there is none are left out."""
    found: dict[str, tuple[tuple[int, int, int, str, int], Sample]] = {}
    for step in steps:
        by_path: dict[str, list[Finding]] = {}
        for finding in step.fixed:
            by_path.setdefault(finding.path, []).append(finding)
        looked: dict[str, int] = {}
        for path, here in sorted(by_path.items()):
            codes = sorted({finding.code for finding in here})
            if path not in step.changes or all(looked.get(code, 0) >= _FILES for code in codes):
                continue
            for code in codes:
                looked[code] = looked.get(code, 0) + 1
            for stretch in _stretches(*step.changes[path]):
                inside = [one for one in here if stretch.first <= one.span.line < max(stretch.last, stretch.first + 1)]
                if not inside or len({one.code for one in inside}) > 1:
                    continue
                size = len(stretch.old) + len(stretch.new)
                # Where another rule was at work in the file, lines may have moved between the rounds.
                rank = (len(codes) > 1, len(inside) > 1, abs(size - 3), path, stretch.first)
                code = inside[0].code
                if code not in found or rank < found[code][0]:
                    found[code] = (rank, Sample(path, stretch.first, stretch.old, stretch.new))
    return {code: sample for code, (_, sample) in sorted(found.items())}


def _stretches(old: str, new: str) -> list[_Stretch]:
    """What differs, each stretch with its lines (from 1, the end exclusive), but for very long ones."""
    a, b = NEWLINE.split(old), NEWLINE.split(new)
    result = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if kind != "equal" and i2 - i1 <= _LONGEST and j2 - j1 <= _LONGEST and i2 > i1:
            result.append(_Stretch(i1 + 1, i2 + 1, *(_dedented(lines) for lines in _shifted(a[i1:i2], b[j1:j2]))))
    return result


def _shifted(old: Sequence[str], new: Sequence[str]) -> tuple[list[str], list[str]]:
    """Both sides without the blanks that all their lines begin with."""
    lines = [line for line in (*old, *new) if line.strip()]
    wide = min((len(line) - len(line.lstrip(" \t")) for line in lines), default=0)
    return [line[wide:] for line in old], [line[wide:] for line in new]


def _dedented(lines: Sequence[str]) -> tuple[str, ...]:
    """Lines without blank ones at either end."""
    kept = list(lines)
    while kept and not kept[0].strip():
        del kept[0]
    while kept and not kept[-1].strip():
        del kept[-1]
    return tuple(kept)
