"""Names the driver in an URL."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUS701", on=(cst.SimpleString, cst.FormattedString, cst.ConcatenatedString))
def named(node: cst.BaseString, finding: Finding, site: Site) -> Iterator[Change]:
    old, new = finding.clue
    if isinstance(node, cst.SimpleString):
        yield Replace(node, node.with_changes(value=node.value.replace(old, new, 1)))
    elif isinstance(node, cst.FormattedString) and isinstance(node.parts[0], cst.FormattedStringText):
        part = node.parts[0]
        yield Replace(part, part.with_changes(value=part.value.replace(old, new, 1)))
    else:
        raise CannotFix("the URL is written in pieces")
