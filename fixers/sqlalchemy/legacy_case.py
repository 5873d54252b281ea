"""Hands the pairs of `case()` over one by one."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix

from .call_writing import rewritten


@fix("TUS502", on=cst.Call)
def modern(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    yield Replace(node, rewritten(node, finding.clue, site))
