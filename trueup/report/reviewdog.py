"""Findings in the diagnostic format of reviewdog, with suggestions that can be accepted in the review."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from trueup.model import Severity

from .record import Item, Report
from .sarif import HOME

_SEVERITY = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.ADVICE: "INFO"}


def write(report: Report) -> Iterator[str]:
    """One document; columns are counted in bytes there."""
    document = {
        "source": {"name": "trueup", "url": HOME},
        "diagnostics": [_diagnostic(item, report) for item in report.items],
    }
    yield json.dumps(document) + "\n"


def _diagnostic(item: Item, report: Report) -> dict[str, Any]:
    finding = item.finding
    span = finding.span
    code: dict[str, Any] = {"value": item.code}
    if item.rule is not None and item.rule.url:
        code["url"] = item.rule.url
    here = _range(report, finding.path, span.line, span.column, span.end_line, span.end_column)
    diagnostic: dict[str, Any] = {
        "message": item.message,
        "location": {"path": item.path, "range": here},
        "severity": _SEVERITY[finding.severity],
        "code": code,
    }
    # Several suggestions would be taken for alternatives: only a repair of one place can be offered.
    if finding.fixable and len(item.preview.edits) == 1 and item.own_edits:
        _, line, column, end_line, end_column, text = item.preview.edits[0]
        edited = _range(report, finding.path, line, column, end_line, end_column)
        diagnostic["suggestions"] = [{"range": edited, "text": text}]
    if finding.related:
        diagnostic["related_locations"] = [
            {
                "message": place.message,
                "location": {
                    "path": report.place(place),
                    "range": {"start": {"line": place.line, "column": place.column}},
                },
            }
            for place in finding.related
        ]
    return diagnostic


def _range(report: Report, path: str, line: int, column: int, end_line: int, end_column: int) -> dict[str, Any]:
    return {"start": _position(report, path, line, column), "end": _position(report, path, end_line, end_column)}


def _position(report: Report, path: str, line: int, column: int) -> dict[str, int]:
    before = report.line(path, line)[: column - 1]
    return {"line": line, "column": column if before.isascii() else len(before.encode("utf-8", "surrogatepass")) + 1}
