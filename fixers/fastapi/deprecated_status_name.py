"""The new name of a status code."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUF109", on=cst.Attribute)
def repair(node: cst.Attribute, finding: Finding, site: Site) -> Iterator[Change]:
    yield Replace(node.attr, cst.Name(finding.clue))
