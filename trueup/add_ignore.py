"""How comments are written that hide findings, in the form that stays where formatters move code."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from .comment_fix import COMMENT
from .edits import Edit, Lines, apply, newline_of
from .model import Finding
from .tool_rules import SYNTAX_ERROR

if TYPE_CHECKING:
    from .comments import Comment, Layout

_OURS = re.compile(r"#\s*trueup\s*:\s*ignore\s*\[(?P<rules>[^\]#]*)\]")
_LONGEST = 120
"""Characters a line may have with its comment; beyond, the comment gets a line of its own."""


class Ignored(NamedTuple):
    """A text with comments that hide findings."""

    text: str
    refused: tuple[Finding, ...] = ()
    """Findings that no comment can hide: they are about comments, or about a file that is no Python."""


def with_ignores(text: str, findings: Sequence[Finding], reason: str = "") -> Ignored:
    """Write a comment for each finding: behind a statement of one line, above one of several lines.

    Rules are added to a comment of the same kind that is there already.

    Args:
        text: the file.
        findings: those to hide, all of this text.
        reason: what to write behind the rules; line ends and `#` are left out.
    """
    from .comments import layout

    lines = Lines(text)
    found = layout(text)
    starts = [line.first for line in found.lines]
    places: dict[tuple[int, int], list[str]] = {}
    refused: list[Finding] = []
    for finding in findings:
        index = bisect_right(starts, finding.span.line) - 1
        if (
            finding.kind == COMMENT
            or finding.code == SYNTAX_ERROR.code
            or index < 0
            or finding.span.line > found.lines[index].last
        ):
            refused.append(finding)
            continue
        while index and found.lines[index - 1].is_decorator:
            index -= 1
        first = found.lines[index]
        while found.lines[index].is_decorator and index + 1 < len(found.lines):
            index += 1
        codes = places.setdefault((first.first, found.lines[index].last), [])
        if finding.code not in codes:
            codes.append(finding.code)
    said = " ".join(reason.replace("#", " ").split())
    edits = [_edit(lines, found, first, last, codes, said) for (first, last), codes in places.items()]
    return Ignored(apply(text, edits), tuple(refused))


def _edit(lines: Lines, found: Layout, first: int, last: int, codes: Sequence[str], reason: str) -> Edit:
    mine = [one for one in found.comments if one.line == last and not one.alone and not one.nested]
    above = [one for one in found.comments if one.line == first - 1 and one.alone and not one.nested]
    for comment in (*mine, *above):
        if (ours := _OURS.search(comment.text)) is not None:
            return _joined(comment, ours, codes)
    words = f"# trueup: ignore[{', '.join(codes)}]" + (f" {reason}" if reason else "")
    start = lines.start(first)
    end = lines.start(first + 1)
    line = lines.text[start:end].rstrip()
    if first == last and not line.endswith("\\") and len(line) + len(words) + 2 <= _LONGEST:
        return Edit(start + len(line), start + len(line), f"  {words}")
    return Edit(start, start, f"{lines.indent(first)}{words}{newline_of(lines.text)}", lines=True)


def _joined(comment: Comment, ours: re.Match[str], codes: Sequence[str]) -> Edit:
    there = [name.strip() for name in ours["rules"].split(",") if name.strip()]
    rules = ", ".join([*there, *(code for code in codes if code not in there)])
    return Edit(comment.offset + ours.start("rules"), comment.offset + ours.end("rules"), rules)
