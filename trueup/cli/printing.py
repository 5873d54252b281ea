"""Findings in the format that was asked for, to the stream that was asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from trueup.model import Finding
from trueup.report import statistics, text
from trueup.report.screen import Paint

if TYPE_CHECKING:
    from .session import Session

_LINE_END = re.compile(r"\r\n|\r|\n")


def findings_as(
    output_format: str, findings: Sequence[Finding], session: Session, *, paint: Paint, unsafe: bool, summary: list[str]
) -> Iterator[str]:
    """The document in pieces.

    Args:
        output_format: full, concise or json.
        paint: colour, of the stream it goes to.
        unsafe: unsafe fixes count as fixable.
        summary: the closing lines; formats for machines have none.
    """
    if output_format == "json":
        yield from _json(findings, session)
        return
    look = text.Look(paint, unsafe, str)
    if output_format == "full":
        yield from text.full(findings, look, session.rules, lambda path: _text(session, path))
    else:
        yield from text.concise(findings, look)
    yield "".join(line + "\n" for line in summary)


def statistics_as(
    output_format: str, findings: Sequence[Finding], session: Session, *, paint: Paint, unsafe: bool
) -> Iterator[str]:
    """Counts by rule instead of the findings."""
    rows = statistics.count(findings, session.rules, unsafe=unsafe)
    if output_format == "json":
        from trueup.report import data

        yield from data.statistics(rows)
    else:
        yield statistics.table(rows, paint)


def _text(session: Session, path: str) -> str:
    try:
        return session.checked.text(path)
    except KeyError:  # it cannot be decoded, which is what the finding says
        return ""


def _json(findings: Sequence[Finding], session: Session) -> Iterator[str]:
    from trueup.report import data

    lines: dict[str, list[str]] = {}

    def source_of(finding: Finding) -> str:
        if finding.path not in lines:
            lines.clear()  # findings come file by file
            lines[finding.path] = _LINE_END.split(_text(session, finding.path))
        span = finding.span
        part = lines[finding.path][span.line - 1 : span.end_line]
        if not part:
            return ""
        if span.line == span.end_line:
            return part[0][span.column - 1 : span.end_column - 1]
        return "\n".join([part[0][span.column - 1 :], *part[1:-1], part[-1][: span.end_column - 1]])

    prints = data.fingerprints(findings, session.below_root, source_of)
    yield from data.array(
        data.as_dict(f, session.rules.get(f.code), print_, session.absolute, session.symbol(f.path, f.symbol))
        for f, print_ in zip(findings, prints, strict=True)
    )
