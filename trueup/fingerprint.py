"""What makes a finding the same one after an edit: its rule, its place in the program, and its text without layout."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

try:
    from _blake2 import blake2b  # hashlib, where it also lives, loads OpenSSL first
except ImportError:
    from hashlib import blake2b

from .edits import NEWLINE
from .model import Finding

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


class Identity(NamedTuple):
    """All that a fingerprint is made of; equal ones are told apart by a number."""

    code: str
    path: str
    """Below the project's root, with `/`."""
    symbol: str
    """The enclosing class and function."""
    text: str
    """What the finding underlines, normalised."""

    def fingerprint(self, number: int = 0) -> str:
        """16 hex digits; `number` counts equal findings in the order of the source."""
        text = "\0".join((*self, str(number)))
        return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def identities(
    findings: Sequence[Finding], project_path: Callable[[str], str], text_of: Callable[[str], str]
) -> list[Identity]:
    """One identity a finding.

    Args:
        findings: those of one file must stand together, or each file's text is split several times.
        project_path: path -> the path below the project's root, with `/`.
        text_of: path -> the text that the findings' lines count in.
    """
    result = []
    path, lines = None, [""]
    for finding in findings:
        if finding.path != path:
            path, lines = finding.path, NEWLINE.split(text_of(finding.path))
        text = normalised(underlined(finding, lines))
        result.append(Identity(finding.code, project_path(finding.path), finding.symbol, text))
    return result


def fingerprints(items: Sequence[Identity]) -> list[str]:
    """One fingerprint an identity: it stays when lines move or the code is formatted anew. In source order."""
    seen: Counter[Identity] = Counter()
    result = []
    for item in items:
        result.append(item.fingerprint(seen[item]))
        seen[item] += 1
    return result


def underlined(finding: Finding, lines: Sequence[str]) -> str:
    """The source text a finding underlines, out of the lines of its file."""
    span = finding.span
    part = lines[span.line - 1 : span.end_line]
    if not part:
        return ""
    if span.line == span.end_line:
        return part[0][span.column - 1 : span.end_column - 1]
    return "\n".join([part[0][span.column - 1 :], *part[1:-1], part[-1][: span.end_column - 1]])
