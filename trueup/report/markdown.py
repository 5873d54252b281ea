"""Findings as Markdown: for the summary of a job, or a comment on a pull request."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from trueup.model import Safety, Severity

from .record import Item, Report
from .screen import escape
from .text import plural

MOST = 500
"""So many findings are listed; the table above them counts them all. GitHub takes 1 MB of summary."""

_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|!~@&]")
_REFERENCES = {"@": "&#64;", "#": "&#35;"}
"""A backslash before them does not keep a forge from linking people and issues."""


def write(report: Report) -> Iterator[str]:
    """A headline, a table of the rules, and the findings by file."""
    items = report.items
    counts = Counter(item.finding.severity for item in items)
    many = {Severity.ADVICE: "advice"}
    found = ", ".join(plural(counts[s], s.value, many.get(s, "")) for s in Severity if counts[s])
    aside = f" ({len(report.known)} hidden by the baseline)" if report.known else ""
    yield f"## trueup: {found or 'nothing found'} in {plural(report.files, 'file')}{aside}\n"
    if not items:
        return
    yield "\n| | rule | findings | repaired by `--fix` | by `--unsafe-fixes` | by hand |\n|--|--|--:|--:|--:|--:|\n"
    rules = Counter((item.code, item.finding.name) for item in items)
    for (code, name), count in sorted(rules.items(), key=lambda pair: (-pair[1], pair[0])):
        safeties = Counter(item.finding.safety for item in items if item.code == code)
        hand = safeties[Safety.MANUAL] + safeties[Safety.DISPLAY]
        rule = next(item.rule for item in items if item.code == code)
        title = f"[{code}]({rule.url})" if rule is not None and rule.url else code
        yield (
            f"| {title} | {plain(name)} | {count} | {safeties[Safety.SAFE]} | {safeties[Safety.UNSAFE]} | {hand} |\n"
        )
    yield f"\n<details><summary>{plural(min(MOST, len(items)), 'finding')}</summary>\n"
    for path, group in groupby(items[:MOST], key=lambda item: item.path):
        yield f"\n**{plain(path)}**\n\n"
        yield "".join(_row(item) for item in group)
    if len(items) > MOST:
        yield f"\nand {len(items) - MOST} more.\n"
    yield "\n</details>\n"


def _row(item: Item) -> str:
    finding = item.finding
    mark = "" if not finding.fixable else " *(fixable)*"
    place = f"{finding.span.line}:{finding.span.column}"
    return f"- {place} {finding.severity.value} **{item.code}** {prose(finding.message)}{mark}\n"


def prose(text: str) -> str:
    """A sentence whose code spans stay code spans."""
    parts = escape(text).split("`")
    if len(parts) % 2 == 0:
        return plain(text)
    return "".join(f"`{part}`" if number % 2 and part else plain(part) for number, part in enumerate(parts))


def plain(text: str) -> str:
    """Any text, with nothing in it that Markdown or a forge would take for more."""
    return _SPECIAL.sub(lambda found: _REFERENCES.get(found[0]) or "\\" + found[0], escape(text))
