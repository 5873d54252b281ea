"""Edits of one text: where its lines begin, which edits go together, and what they come to."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import NamedTuple

NEWLINE = re.compile(r"\r\n|\r|\n")
"""What Python's tokenizer ends a line at; `str.splitlines` would also cut at form feeds and the like."""

_NO_CODE = re.compile(r"[^\S\r\n]*(?:\r\n|\r|\n)")


class Edit(NamedTuple):
    """Put `text` in place of the characters from `start` to `end` (exclusive) of a text."""

    start: int
    end: int
    text: str
    lines: bool = False
    """It puts in or takes out whole lines, and may stand side by side with any other edit."""


class Edits:
    """Edits of one text that do not meet, in the order of the text."""

    def __init__(self) -> None:
        self._sorted: list[Edit] = []
        self._keys: list[tuple[int, int, bool]] = []
        self._ends: list[int] = []

    def accepts(self, edit: Edit) -> bool:
        """Whether an edit meets none of those that are in: meeting is to share or, but for whole lines, to touch."""
        for index in range(bisect_left(self._ends, edit.start), len(self._sorted)):
            other = self._sorted[index]
            if other.start > edit.end:
                return True
            if _meet(edit, other):
                return False
        return True

    def add(self, edits: Iterable[Edit]) -> None:
        """Take edits in; the caller has asked `accepts` for each."""
        for edit in edits:
            index = bisect_right(self._keys, _order(edit))
            self._sorted.insert(index, edit)
            self._keys.insert(index, _order(edit))
            self._ends.insert(index, edit.end)


def _order(edit: Edit) -> tuple[int, int, bool]:
    return (edit.start, edit.end, not edit.lines)


def _meet(a: Edit, b: Edit) -> bool:
    if a.lines and b.lines:
        return a.start < b.end and b.start < a.end if a.start < a.end and b.start < b.end else _inside(a, b)
    if not a.lines and not b.lines:
        return a.start <= b.end and b.start <= a.end
    line, other = (a, b) if a.lines else (b, a)
    if line.start == line.end:
        return other.start < line.start < other.end
    return other.start < line.end and (line.start < other.end or line.start == other.start)


def _inside(a: Edit, b: Edit) -> bool:
    """Whether one of two edits, at least one of them an insertion, stands inside the other."""
    return b.start < a.start < b.end or a.start < b.start < a.end


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with edits made that do not meet.

    Insertions at one place keep the order they are given in; of blank lines put in at one place the most count.
    """
    parts: list[str] = []
    at = 0
    blank = -1
    for edit in sorted(edits, key=_order):
        parts.append(text[at : edit.start])
        is_blank = edit.lines and edit.start == edit.end and not edit.text.strip()
        if is_blank and blank == edit.start and not parts[-1]:
            parts[-2] = max(parts[-2], edit.text, key=len)
        else:
            parts.append(edit.text)
        blank = edit.start if is_blank else -1
        at = edit.end
    parts.append(text[at:])
    return "".join(parts)


def newline_of(text: str) -> str:
    """The newline a text uses first; `\\n` where it has none."""
    found = NEWLINE.search(text)
    return found[0] if found else "\n"


class Lines:
    """Where the lines of a text begin."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(found.end() for found in NEWLINE.finditer(text))]

    def offset(self, line: int, column: int) -> int:
        """The offset in characters of a place as `ast` counts: line from 1, column in UTF-8 bytes."""
        start = self.start(line)
        stretch = self.text[start : start + column]
        if not stretch.isascii():
            stretch = self.text[start : self.start(line + 1)].encode()[:column].decode()
        return start + len(stretch)

    def start(self, line: int) -> int:
        """The offset of the first character of a line; the end of the text for the line behind the last."""
        return self.starts[line - 1] if line <= len(self.starts) else len(self.text)

    def indent(self, line: int) -> str:
        """The blanks a line begins with."""
        found = re.compile(r"[ \t\f]*").match(self.text, self.start(line))
        return found[0] if found else ""


def without_lines(text: str, start: int, end: int, first: bool) -> Edit:
    """Take out the whole lines from `start` to `end`, and the blank lines that would then stand double.

    `first` says that they begin their block: then no blank line may stay in front of what follows.
    """
    before, after = _blank_start(text, start), _blank_end(text, end)
    if first or before == 0:
        return Edit(start, after, "", lines=True)
    if not text[after:].strip():
        unfinished = end == len(text) and text[-1] not in "\r\n"
        return Edit(before - len(newline_before(text, before)) if unfinished else before, end, "", lines=True)
    if blank_lines_before(text, start) > blank_lines_after(text, end):
        return Edit(start, after, "", lines=True)
    return Edit(before, end, "", lines=True)


def blank_lines_before(text: str, at: int) -> int:
    """How many blank lines stand directly in front of the line that begins at `at`."""
    return sum(1 for _ in NEWLINE.finditer(text, _blank_start(text, at), at))


def blank_lines_after(text: str, at: int) -> int:
    """How many blank lines begin at `at`, which begins a line."""
    return sum(1 for _ in NEWLINE.finditer(text, at, _blank_end(text, at)))


def _blank_start(text: str, at: int) -> int:
    """Where the blank lines in front of the line that begins at `at` begin."""
    while at:
        content = at - len(newline_before(text, at))
        begin = max(text.rfind("\n", 0, content), text.rfind("\r", 0, content)) + 1
        if text[begin:content].strip():
            return at
        at = begin
    return at


def _blank_end(text: str, at: int) -> int:
    while (line := _NO_CODE.match(text, at)) is not None:
        at = line.end()
    return at


def newline_before(text: str, at: int) -> str:
    """The newline that ends at an offset; empty if none does."""
    if text[max(at - 2, 0) : at] == "\r\n":
        return "\r\n"
    return text[at - 1 : at] if at and text[at - 1] in "\r\n" else ""


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


def edits_between(path: str, old: Lines, new: str) -> list[TextEdit]:
    """Few and small edits that make one text of another, in the order of the text."""
    from difflib import SequenceMatcher

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
