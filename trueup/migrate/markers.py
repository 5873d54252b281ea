"""Comments that say where a person must act: written above statements, kept, and taken out again."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

from trueup.edits import Edit, Lines, apply, newline_of
from trueup.model import Finding
from trueup.report.screen import escape
from trueup.tool_rules import SYNTAX_ERROR

if TYPE_CHECKING:
    from trueup.comments import Comment, Layout

MARK = "# TODO(trueup "
"""What each marker begins with."""
_MARKER = re.compile(r"# TODO\(trueup (?P<code>[A-Z]{1,3}[0-9]{3})\): ")
_PLACES = re.compile(r"(?<=\.py):\d+(?::\d+)?|(?<=\.pyi):\d+(?::\d+)?| ?\(lines? \d+(?:, \d+)*\)")
"""Lines of code that a message names: they move, and a comment would go on telling the old ones."""
_NUMBERS = re.compile(r"\d+")
_FOR_NEXT_LINE = re.compile(r"#\s*(?:pylint|trueup|flake8|ruff|type|mypy|pyright|pyre|fmt|isort|pragma|noqa|nosec)\b")
"""Comments that speak of the line below them, and so must stay there."""
_COOKIE = re.compile(r"coding([:=])")


class Marked(NamedTuple):
    """A text with its markers as they ought to be."""

    text: str
    added: int = 0
    removed: int = 0


def marked(text: str, findings: Sequence[Finding], judged: Collection[str], encoding: str = "utf-8") -> Marked:
    """Write a marker above each statement in which something is left, and take out those of what is not.

    A marker that is right already stays as it is, with what somebody may have written behind it; so do markers of rules
    that were not asked. Nothing but comments changes.

    Args:
        text: a file that parses.
        findings: what is left in it.
        judged: the codes that were looked for: of others nothing is known.
        encoding: what the text will be written in.
    """
    if not findings and MARK not in text:
        return Marked(text)
    from trueup.comments import layout

    lines, found = Lines(text), layout(text)
    wanted = _wanted(found, findings, encoding)
    there = _there(found, judged)
    edits: list[Edit] = []
    added = removed = 0
    for comment, code, line in there:
        missing = wanted.get(line, [])
        match = next((one for one in missing if comment.alone and one[0] == code and _says(comment, one[1])), None)
        if match is not None:
            missing.remove(match)
        else:
            edits.append(_removal(lines, comment))
            removed += 1
    newline = newline_of(text)
    for line, missing in sorted(wanted.items()):
        at = lines.start(_above(found, line))
        # A file whose last line has no end gets none: a marker never stands at the end.
        new = "".join(f"{lines.indent(line)}{MARK}{code}): {words}{newline}" for code, words in missing)
        added += len(missing)
        if new:
            edits.append(Edit(at, at, new, lines=True))
    return Marked(apply(text, edits), added, removed)


def _wanted(found: Layout, findings: Sequence[Finding], encoding: str) -> dict[int, list[tuple[str, str]]]:
    """First line of a statement -> (code, words) of the markers above it, each once."""
    starts = [line.first for line in found.lines]
    wanted: dict[int, list[tuple[str, str]]] = {}
    for finding in sorted(findings, key=lambda one: one.order):
        index = bisect_right(starts, finding.span.line) - 1
        if finding.code == SYNTAX_ERROR.code or index < 0 or finding.span.line > found.lines[index].last:
            continue
        while index and found.lines[index - 1].is_decorator:
            index -= 1
        one = (finding.code, words_of(finding.message, encoding))
        here = wanted.setdefault(found.lines[index].first, [])
        if one not in here:
            here.append(one)
    return wanted


def words_of(message: str, encoding: str = "utf-8") -> str:
    """A message as a comment holds it: one line, without lines of code, nothing that another tool would obey."""
    words = " ".join(escape(_PLACES.sub("", message)).replace("#", " ").replace("→", "->").split())
    words = _COOKIE.sub(r"coding \1", words)
    return words.encode(encoding, "backslashreplace").decode(encoding)


def _there(found: Layout, judged: Collection[str]) -> list[tuple[Comment, str, int]]:
    """The markers of a text that can be judged: comment, code, first line of the statement it stands above."""
    starts = [line.first for line in found.lines]
    result = []
    for comment in found.comments:
        match = _MARKER.match(comment.text)
        if match is None or match["code"] not in judged:
            continue
        index = bisect_right(starts, comment.line)
        result.append((comment, match["code"], starts[index] if index < len(starts) and not comment.nested else 0))
    return result


def _says(comment: Comment, words: str) -> bool:
    """Whether a marker has these words, but for the numbers in them; more may stand behind."""
    match = _MARKER.match(comment.text)
    said = comment.text[match.end() :] if match else ""
    return _NUMBERS.sub("", said).startswith(_NUMBERS.sub("", words))


def _removal(lines: Lines, comment: Comment) -> Edit:
    """Take a marker out: with its line, or from behind code."""
    if not comment.alone:
        end = comment.offset + len(comment.text)
        return Edit(len(lines.text[: comment.offset].rstrip(" \t")), end, "")
    return Edit(lines.start(comment.line), lines.start(comment.line + 1), "", lines=True)


def _above(found: Layout, line: int) -> int:
    """Where a marker of a statement goes: in front of its line, or of what must stay right above that."""
    alone = {one.line: one for one in found.comments if one.alone and not one.nested}
    while (comment := alone.get(line - 1)) is not None and _FOR_NEXT_LINE.match(comment.text):
        line -= 1
    return line
