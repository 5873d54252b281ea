"""Findings as data for other programs: the JSON document and the fingerprint that outlives an edit."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from hashlib import blake2b
from typing import Any

from trueup.model import Finding, Place, Rule, Safety

from .statistics import Row

_TOKEN = re.compile(
    r"""(?P<string>[rbfuRBFU]{0,2}(?:'''(?:\\.|[^\\])*?'''|\"\"\"(?:\\.|[^\\])*?\"\"\"|'(?:\\.|[^\\'\n])*'|"(?:\\.|[^\\"\n])*"))"""
    r"|(?P<skip>\#[^\n]*|\s+|\\\n)|(?P<other>\w+|.)",
    re.DOTALL,
)
"""Python's tokens as far as a fingerprint cares; `tokenize` splits f-strings differently from 3.12 on."""


def normalised(source: str) -> str:
    """The source without blanks, comments, trailing commas and the choice of quotes: what a formatter leaves alone."""
    parts = []
    for match in _TOKEN.finditer(source):
        if match["skip"] is None:
            token = match[0]
            parts.append(token.replace("'", '"') if match["string"] is not None else token)
    return re.sub(r",(?=[)\]}])", "", "".join(parts))


def fingerprints(
    findings: Sequence[Finding], repository_path: Callable[[str], str], source_of: Callable[[Finding], str]
) -> list[str]:
    """One fingerprint a finding: 16 hex digits that stay the same when lines move or the code is formatted anew.

    Args:
        findings: in the order they stand in the source; equal ones are told apart by a counter.
        repository_path: path -> the path below the repository's root, with `/`.
        source_of: finding -> the source text it underlines.
    """
    seen: Counter[tuple[str, str, str, str]] = Counter()
    result = []
    for finding in findings:
        key = (finding.code, repository_path(finding.path), finding.symbol, normalised(source_of(finding)))
        text = "\0".join((*key, str(seen[key])))
        seen[key] += 1
        result.append(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest())
    return result


def as_dict(
    finding: Finding, rule: Rule | None, fingerprint: str, absolute: Callable[[str], str], symbol: str
) -> dict[str, Any]:
    """One finding under the field names that readers of ruff's JSON know, and trueup's own after them."""
    span = finding.span
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "message": finding.message,
        "filename": absolute(finding.path),
        "location": {"row": span.line, "column": span.column},
        "end_location": {"row": span.end_line, "column": span.end_column},
        "noqa_row": span.line,
        "cell": None,
        "url": rule.url or None if rule is not None else None,
        "fix": None
        if finding.safety is Safety.MANUAL
        else {"applicability": finding.safety.value, "message": finding.why or None, "edits": []},
        "symbol": symbol,
        "related": [_related(place, absolute) for place in finding.related],
        "fingerprint": fingerprint,
        "effort": rule.effort if rule is not None else None,
        "suppressed": False,
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


def statistics(rows: Iterable[Row]) -> Iterator[str]:
    """The rows of `--statistics` as a JSON array."""
    names = ("code", "name", "count", "fixable", "fixable_count", "effort")
    return array({name: {**asdict(row), "fixable": row.fixable}[name] for name in names} for row in rows)
