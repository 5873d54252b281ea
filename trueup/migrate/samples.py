"""One typical place for each rule: how the code of this very project read before, and how it reads now."""

from __future__ import annotations

import re
from collections import Counter
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


class _Candidate(NamedTuple):
    shared: bool
    """Other rules have changed it too."""
    part: bool
    """It is longer than what is shown, or brackets that it opens are closed elsewhere."""
    mixed: bool
    """Another rule was at work in the file: lines may have moved between its rounds."""
    several: bool
    """It is several places in one."""
    sample: Sample

    @property
    def shape(self) -> str:
        """What is not words at the beginning: `x = Column(` and `return Column(` are of two shapes."""
        return _WORDS.sub("", self.sample.before[0])[:2] if self.sample.before else ""


_WORDS = re.compile(r"[\w\s]+")


def samples(steps: Iterable[StepDone]) -> dict[str, Sample]:
    """Code -> a place that its repair has changed, and no other one if there is such, of the shape that most have."""
    found: dict[str, list[_Candidate]] = {}
    for step in steps:
        by_path: dict[str, list[Finding]] = {}
        for finding in step.fixed:
            by_path.setdefault(finding.path, []).append(finding)
        looked: Counter[str] = Counter()
        for path, here in sorted(by_path.items()):
            codes = sorted({finding.code for finding in here})
            if path not in step.changes or all(looked[code] >= _FILES for code in codes):
                continue
            looked.update(codes)
            for stretch in _stretches(*step.changes[path], here):
                inside = [one for one in here if stretch.first <= one.span.line < stretch.last]
                part = max(len(stretch.old), len(stretch.new)) > _LONGEST or not _balanced(stretch)
                sample = Sample(path, stretch.first, _shown(stretch.old), _shown(stretch.new))
                for code in sorted({one.code for one in inside}):
                    shared = any(one.code != code for one in inside)
                    candidate = _Candidate(shared, part, len(codes) > 1, len(inside) > 1, sample)
                    found.setdefault(code, []).append(candidate)
    return {code: _typical(candidates) for code, candidates in sorted(found.items())}


def _typical(candidates: Sequence[_Candidate]) -> Sample:
    shapes = Counter(one.shape for one in candidates)

    def rank(one: _Candidate) -> tuple[bool, bool, bool, bool, int, int, str, int]:
        shape, size = -shapes[one.shape], abs(len(one.sample.before) + len(one.sample.after) - 3)
        return (one.shared, one.part, one.mixed, one.several, shape, size, one.sample.path, one.sample.line)

    return min(candidates, key=rank).sample


def _stretches(old: str, new: str, found: Sequence[Finding]) -> list[_Stretch]:
    """What differs, each stretch with its lines (from 1, the end exclusive).

    Where it is several findings of one line each that stand below each other, each line is a stretch.
    """
    a, b = NEWLINE.split(old), NEWLINE.split(new)
    result = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if kind == "equal" or i1 == i2:
            continue
        inside = [one for one in found if i1 < one.span.line <= i2]
        pairs = [(i1, i2, j1, j2)]
        if i2 - i1 == j2 - j1 and len(inside) > 1 and all(one.node.line == one.node.end_line for one in inside):
            pairs = [(i1 + n, i1 + n + 1, j1 + n, j1 + n + 1) for n in range(i2 - i1)]
        for first, last, start, end in pairs:
            was, now = _shifted(a[first:last], b[start:end])
            result.append(_Stretch(first + 1, last + 1, _stripped(was), _stripped(now)))
    return result


def _balanced(stretch: _Stretch) -> bool:
    texts = ("".join(stretch.old), "".join(stretch.new))
    return all(text.count(first) == text.count(last) for text in texts for first, last in ("()", "[]", "{}"))


def _shown(lines: tuple[str, ...]) -> tuple[str, ...]:
    return lines if len(lines) <= _LONGEST else (*lines[:_LONGEST], "...")


def _shifted(old: Sequence[str], new: Sequence[str]) -> tuple[list[str], list[str]]:
    """Both sides without the blanks that all their lines begin with."""
    lines = [line for line in (*old, *new) if line.strip()]
    wide = min((len(line) - len(line.lstrip(" \t")) for line in lines), default=0)
    return [line[wide:] for line in old], [line[wide:] for line in new]


def _stripped(lines: Sequence[str]) -> tuple[str, ...]:
    """Lines without blank ones at either end."""
    kept = list(lines)
    while kept and not kept[0].strip():
        del kept[0]
    while kept and not kept[-1].strip():
        del kept[-1]
    return tuple(kept)
