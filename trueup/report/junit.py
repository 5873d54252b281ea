"""Findings as JUnit XML: a suite a file, a failed test a finding."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape as markup
from itertools import groupby

from .record import Item, Report
from .screen import escape

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(report: Report) -> Iterator[str]:
    """The document; a run that finds nothing is one test that passed."""
    count = len(report.items)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<testsuites name="trueup" tests="{max(1, count)}" failures="{count}" errors="0" skipped="0">\n'
    if not report.items:
        yield '  <testsuite name="trueup" tests="1" failures="0" errors="0" skipped="0">\n'
        yield '    <testcase classname="trueup" name="check"/>\n  </testsuite>\n'
    for path, group in groupby(report.items, key=lambda item: item.path):
        cases = [_case(item) for item in group]
        total = len(cases)
        yield f'  <testsuite name="{_text(path)}" tests="{total}" failures="{total}" errors="0" skipped="0">\n'
        yield "".join(cases) + "  </testsuite>\n"
    yield "</testsuites>\n"


def _case(item: Item) -> str:
    span = item.finding.span
    module = re.sub(r"\.pyi?$", "", item.path).replace("/", ".")
    name = f"{item.code}:{span.line}:{span.column}"
    text = f"{item.path}:{span.line}:{span.column} {item.code} {item.finding.message}"
    kind, file = item.finding.severity.value, _text(item.path)
    return (
        f'    <testcase classname="{_text(module)}" name="{_text(name)}" file="{file}" line="{span.line}">\n'
        f'      <failure type="{kind}" message="{_text(item.finding.message)}">{_text(text)}</failure>\n'
        "    </testcase>\n"
    )


def _text(text: str) -> str:
    return markup(_NOT_XML.sub("\ufffd", escape(text)))
