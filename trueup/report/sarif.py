"""Findings as SARIF 2.1.0, for code scanning."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from trueup.edits import TextEdit
from trueup.model import Rule, Safety, Severity

from .record import LEVEL, Item, Report

HOME = "https://pypi.org/project/trueup/"
_MOST = 25_000
"""So many results GitHub takes; a document with more is refused as a whole."""
_LONGEST = 1024
"""What GitHub shows of a text."""


def write(report: Report, *, line_hashes: bool = False) -> Iterator[str]:
    """The document. Paths are relative to the repository's root, as code scanning wants them.

    Args:
        report: what was found; what stands in the baseline or is hidden by a comment goes out as suppressed, so that
            alerts are dismissed, and not closed and opened again.
        line_hashes: also give `primaryLocationLineHash`, which GitHub's own upload works out by itself.
    """
    every = [*report.items, *report.known, *report.suppressed]
    items = sorted(_first(every), key=lambda item: item.finding.order)
    rules = {item.code: item.rule for item in sorted(items, key=lambda item: item.code)}
    positions = {code: number for number, code in enumerate(rules)}
    hashes = _line_hashes(report, items) if line_hashes else {}
    names = {item.code: item.finding.name for item in items}
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "trueup",
                        "semanticVersion": report.version,
                        "informationUri": HOME,
                        "rules": [_rule(code, names[code], rule) for code, rule in rules.items()],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "automationDetails": {"id": "trueup/"},
                "originalUriBaseIds": {"SRCROOT": {"uri": _uri(report.root) + "/"}},
                "invocations": [
                    {
                        "executionSuccessful": not report.failed,
                        "workingDirectory": {"uri": _uri(report.cwd) + "/"},
                        **_left_out(len(every) - len(items)),
                    }
                ],
                "results": [_result(item, positions[item.code], report, hashes) for item in items],
            }
        ],
    }
    yield json.dumps(document, separators=(",", ":")) + "\n"


def _first(items: Sequence[Item]) -> Sequence[Item]:
    """As many as may be uploaded: those that are neither known nor hidden, and of these the worst."""
    if len(items) <= _MOST:
        return items
    worst = list(Severity)
    return sorted(items, key=lambda item: (item.known or item.suppressed, worst.index(item.finding.severity)))[:_MOST]


def _left_out(count: int) -> dict[str, Any]:
    """What the document says of findings that it does not hold."""
    if not count:
        return {}
    text = f"{count} more findings are left out: GitHub takes {_MOST} in one upload."
    return {"toolExecutionNotifications": [{"level": "warning", "message": {"text": text}}]}


def _rule(code: str, name: str, rule: Rule | None) -> dict[str, Any]:
    title = "".join(part.capitalize() for part in name.split("-"))
    if rule is None:
        return {"id": code, "name": title}
    problem = "recommendation" if rule.severity is Severity.ADVICE else rule.severity.value
    described: dict[str, Any] = {
        "id": code,
        "name": title,
        "shortDescription": {"text": _cut(name.replace("-", " "))},
        "fullDescription": {"text": _cut(rule.summary)},
        "help": {"text": rule.page.strip(), "markdown": rule.page.strip()},
        "defaultConfiguration": {"level": LEVEL[rule.severity]},
        "properties": {"tags": [*rule.tags[:10]], "precision": rule.precision, "problem.severity": problem},
    }
    if rule.url:
        described["helpUri"] = rule.url
    return described


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def _result(item: Item, position: int, report: Report, hashes: dict[tuple[str, int], str]) -> dict[str, Any]:
    finding = item.finding
    span = finding.span
    region = {
        "startLine": span.line, "startColumn": span.column, "endLine": span.end_line, "endColumn": span.end_column,
    }  # fmt: skip
    prints = {"trueup/v1": item.fingerprint}
    if (finding.path, span.line) in hashes:
        prints["primaryLocationLineHash"] = hashes[finding.path, span.line]
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": position,
        "level": LEVEL[finding.severity],
        "message": {"text": item.message},
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(item.path), "region": region}}],
        "partialFingerprints": prints,
    }
    if finding.related:
        result["relatedLocations"] = [
            {
                "id": number,
                "physicalLocation": {
                    "artifactLocation": _artifact(report.place(place)),
                    "region": {"startLine": place.line, "startColumn": place.column},
                },
                "message": {"text": place.message},
            }
            for number, place in enumerate(finding.related)
        ]
    if item.preview.edits and finding.safety is not Safety.MANUAL:
        result["fixes"] = [_fix(item, report)]
    if report.has_baseline:
        result["baselineState"] = "unchanged" if item.known else "new"
    if item.known:
        result["suppressions"] = [{"kind": "external", "justification": "It stands in the baseline."}]
    elif item.suppressed:
        result["suppressions"] = [{"kind": "inSource"}]
    return result


def _fix(item: Item, report: Report) -> dict[str, Any]:
    paths = dict.fromkeys(edit.path for edit in item.preview.edits)
    return {
        "description": {"text": item.help},
        "artifactChanges": [
            {
                "artifactLocation": _artifact(report.path_of(path)),
                "replacements": [_replacement(edit) for edit in item.preview.edits if edit.path == path],
            }
            for path in paths
        ],
    }


def _replacement(edit: TextEdit) -> dict[str, Any]:
    return {
        "deletedRegion": {
            "startLine": edit.line, "startColumn": edit.column, "endLine": edit.end_line, "endColumn": edit.end_column,
        },
        "insertedContent": {"text": edit.text},
    }  # fmt: skip


def _artifact(path: str) -> dict[str, Any]:
    if path.startswith("/"):
        return {"uri": _uri(path)}
    return {"uri": _quoted(path), "uriBaseId": "SRCROOT"}


def _uri(path: str) -> str:
    return "file://" + ("" if path.startswith("/") else "/") + _quoted(path.rstrip("/"))


def _quoted(path: str) -> str:
    return quote(path, safe="/~", errors="surrogatepass")


# The fingerprint that GitHub's upload makes of a line ----------------------------------------------------------------

_WINDOW = 100
_BASE = 37
_MASK = 2**64 - 1
_POWER = pow(_BASE, _WINDOW, 2**64)
_END_OF_FILE = 65535


def _line_hashes(report: Report, items: list[Item]) -> dict[tuple[str, int], str]:
    return {
        (path, line): value
        for path in dict.fromkeys(item.finding.path for item in items)
        for line, value in line_hashes(report.text_of(path)).items()
    }


def line_hashes(text: str) -> dict[int, str]:
    """Line -> the hash of the 100 characters from its start on, blanks left out, and `:n` for the n-th equal one."""
    window = [0] * _WINDOW
    lines = [-1] * _WINDOW
    counts: dict[str, int] = {}
    found: dict[int, str] = {}
    value = index = line = 0
    starts, after_return = True, False

    def tell() -> None:
        key = f"{value:x}"
        counts[key] = counts.get(key, 0) + 1
        found[lines[index]] = f"{key}:{counts[key]}"
        lines[index] = -1

    # GitHub counts in UTF-16 units.
    data = text.encode("utf-16-le", "surrogatepass")
    units = [int.from_bytes(data[at : at + 2], "little") for at in range(0, len(data), 2)]
    for unit in [*units, _END_OF_FILE]:
        if unit in (32, 9) or (after_return and unit == 10):
            after_return = False
            continue
        after_return = unit == 13
        if after_return:
            unit = 10
        if lines[index] != -1:
            tell()
        if starts:
            starts = False
            line += 1
            lines[index] = line
        starts = unit == 10
        value = (_BASE * value + unit - _POWER * window[index]) & _MASK
        window[index] = unit
        index = (index + 1) % _WINDOW
    for _ in range(_WINDOW):
        if lines[index] != -1:
            tell()
        value = (_BASE * value - _POWER * window[index]) & _MASK
        window[index] = 0
        index = (index + 1) % _WINDOW
    return found
