"""Findings for the pages of CI services: GitHub's annotations, GitLab's code quality, Azure's log commands."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from trueup.model import Severity
from trueup.tool_rules import SYNTAX_ERROR

from .record import Item, Report
from .text import plural

_COMMAND = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "notice"}
_SHOWN = 10
"""GitHub shows so many annotations of a kind for each step."""


def github(report: Report) -> Iterator[str]:
    """One workflow command a line: errors first, and first what is on lines that the pull request changed."""
    worst = list(Severity)

    def order(item: Item) -> tuple[int, bool]:
        return worst.index(item.finding.severity), not report.changed(item)

    for item in sorted(report.items, key=order):
        span = item.finding.span
        place = {"file": item.shown_path, "line": str(span.line)}
        if span.line == span.end_line:  # else GitHub takes the columns for those of the first line
            place |= {"col": str(span.column), "endLine": str(span.end_line), "endColumn": str(span.end_column)}
        else:
            place["endLine"] = str(span.end_line)
        properties = ",".join(f"{key}={_property(value)}" for key, value in place.items())
        command = _COMMAND[item.finding.severity]
        text = f"{item.shown_path}:{span.line}:{span.column}: {item.code} {item.message}\n  help: {item.help}"
        yield f"::{command} title=trueup ({_property(item.code)}),{properties}::{_data(text)}\n"
    counts = Counter(item.finding.severity for item in report.items)
    hidden = sum(max(0, count - _SHOWN) for count in counts.values())
    if hidden:
        yield f"::notice title=trueup::GitHub does not show {plural(hidden, 'more finding')}: they stand in the log\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


_GITLAB = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.ADVICE: "info"}


def gitlab(report: Report) -> Iterator[str]:
    """A code quality report; the code is in the description too, because GitLab shows no other name."""
    rows = [
        {
            "check_name": item.code,
            "description": f"{item.code}: {item.message}",
            "severity": "blocker" if item.code == SYNTAX_ERROR.code else _GITLAB[item.finding.severity],
            "fingerprint": item.fingerprint,
            "location": {
                "path": item.path,
                "lines": {"begin": item.finding.span.line, "end": item.finding.span.end_line},
            },
        }
        for item in report.items
    ]
    yield json.dumps(rows, indent=1) + "\n"


def azure(report: Report) -> Iterator[str]:
    """One logging command of Azure Pipelines a line."""
    for item in report.items:
        span = item.finding.span
        kind = "error" if item.finding.severity is Severity.ERROR else "warning"
        place = (
            f"sourcepath={_azure(item.shown_path)};linenumber={span.line};columnnumber={span.column};code={item.code}"
        )
        yield f"##vso[task.logissue type={kind};{place};]{_data(item.message).replace('%25', '%AZP25')}\n"


def _azure(text: str) -> str:
    return _data(text).replace("%25", "%AZP25").replace(";", "%3B").replace("]", "%5D")
