"""How a code that hides nothing is taken out of a comment, so that all else in the comment stays."""

from __future__ import annotations

import re
from typing import NamedTuple

from .edits import NEWLINE, Edit, Lines
from .model import Finding, Span

COMMENT = "Comment"
"""The kind of findings about a comment; every other kind is a type of `ast` nodes."""

_LISTED = re.compile(r"(?P<head>.*?[\[:]\s*(?=[^\s:]))(?P<list>[^\[\]:]*)(?P<tail>\]?)\Z", re.DOTALL)
"""`# trueup: ignore[` `TUP101, TUS` `]`, or `# noqa: ` `E501 TUP101`."""


class Useless(NamedTuple):
    """The clue of a finding about a comment: what of it does nothing."""

    selectors: tuple[str, ...]
    closing: Span | None = None
    """The `enable` that belongs to a `disable`: it must go on naming the same rules."""


def repair(text: str, finding: Finding) -> list[Edit]:
    """The edits that take what is useless out of the comment a finding is about, the comment with it if it is empty."""
    clue = finding.clue
    if not isinstance(clue, Useless):
        return []
    places = [finding.span] + ([clue.closing] if clue.closing is not None else [])
    lines = Lines(text)
    return [_without(text, lines, place, clue.selectors) for place in places]


def _without(text: str, lines: Lines, span: Span, selectors: tuple[str, ...]) -> Edit:
    start = lines.start(span.line) + span.column - 1
    end = lines.start(span.end_line) + span.end_column - 1
    parts = _LISTED.match(text[start:end])
    if parts is None:
        return Edit(start, end, text[start:end])
    # A `noqa` is read in any case.
    fold = str.upper if "noqa" in parts["head"].lower() else str
    names = re.findall(r"[^\s,]+" if fold is str.upper else r"[^,]+", parts["list"])
    kept = [name.strip() for name in names if fold(name.strip()) not in selectors and name.strip()]
    if kept:
        separator = ", " if "," in parts["list"] else " "
        return Edit(start, end, parts["head"] + separator.join(kept) + parts["tail"])
    return _emptied(text, lines, span, start, end)


def _emptied(text: str, lines: Lines, span: Span, start: int, end: int) -> Edit:
    """Take out a whole directive: a reason behind it becomes a comment, a line with nothing else goes."""
    line_end = found.start() if (found := NEWLINE.search(text, end)) else len(text)
    rest = text[end:line_end]
    reason = rest.lstrip().lstrip(":-").strip()
    line_start = lines.start(span.line)
    before = text[line_start:start]
    if reason.startswith("#"):  # another comment of the same line begins here
        return Edit(start, end + len(rest) - len(rest.lstrip()), "")
    if reason:
        return Edit(start, line_end, f"# {reason}")
    if before.strip():
        return Edit(line_start + len(before.rstrip()), line_end, "")
    return Edit(line_start, found.end() if found else len(text), "", lines=True)
