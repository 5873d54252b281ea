"""Findings as JSON, under the field names that readers of ruff's JSON know, and trueup's own after them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from trueup.edits import TextEdit
from trueup.model import Place, Safety

from .record import Item, Report


def write(report: Report) -> Iterator[str]:
    """One JSON array; what stands in the baseline is left out."""
    return array(as_dict(item, report.absolute_of) for item in report.items)


def write_lines(report: Report) -> Iterator[str]:
    """One JSON object a line."""
    for item in report.items:
        yield json.dumps(as_dict(item, report.absolute_of)) + "\n"


def as_dict(item: Item, absolute: Callable[[str], str]) -> dict[str, Any]:
    """One finding as data; `absolute` makes paths absolute."""
    finding, rule = item.finding, item.rule
    span = finding.span
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "message": finding.message,
        "filename": item.absolute,
        "location": {"row": span.line, "column": span.column},
        "end_location": {"row": span.end_line, "column": span.end_column},
        "noqa_row": span.line,
        "cell": None,
        "url": rule.url or None if rule is not None else None,
        "fix": _fix(item, absolute),
        "symbol": item.symbol,
        "related": [_related(place, absolute) for place in finding.related],
        "fingerprint": item.fingerprint,
        "effort": rule.effort if rule is not None else None,
        "suppressed": False,
        "baseline": "unchanged" if item.known else "new",
    }


def _fix(item: Item, absolute: Callable[[str], str]) -> dict[str, Any] | None:
    """The repair: its edits in the finding's file, and, of one that takes several files, `elsewhere` the others'."""
    finding = item.finding
    if finding.safety is Safety.MANUAL:
        return None
    fix: dict[str, Any] = {
        "applicability": finding.safety.value,
        "message": item.preview.reason or finding.why or None,
        "edits": [_edit(edit) for edit in item.own_edits],
    }
    others = dict.fromkeys(edit.path for edit in item.preview.edits if edit.path != finding.path)
    if others:
        fix["elsewhere"] = [
            {"filename": absolute(path), "edits": [_edit(one) for one in item.preview.edits if one.path == path]}
            for path in others
        ]
    return fix


def _edit(edit: TextEdit) -> dict[str, Any]:
    return {
        "content": edit.text,
        "location": {"row": edit.line, "column": edit.column},
        "end_location": {"row": edit.end_line, "column": edit.end_column},
    }


def _related(place: Place, absolute: Callable[[str], str]) -> dict[str, Any]:
    location = {"row": place.line, "column": place.column}
    return {"filename": absolute(place.path), "location": location, "message": place.message}


def array(items: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A JSON array in pieces, one object a line, in ASCII so that no terminal or pipe can spoil it."""
    separator = "[\n"
    for item in items:
        yield separator + "  " + json.dumps(item)
        separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"
