"""Calls methods of a SQLModel by their new names."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUS904", on=cst.Call)
def renamed(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    assert isinstance(node.func, cst.Attribute)
    yield Replace(node.func.attr, cst.Name(finding.clue))
