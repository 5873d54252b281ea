"""Reads the dictionary of a row in the place of the row."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUS509", on=(cst.Name, cst.Attribute, cst.Call, cst.Subscript))
def mapped(node: cst.BaseExpression, finding: Finding, site: Site) -> Iterator[Change]:
    yield Replace(node, cst.Attribute(node, cst.Name(finding.clue)))
