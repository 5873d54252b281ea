"""Puts what makes a default in the place of the one that was made."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUS801", on=(cst.Dict, cst.List, cst.Set, cst.Call, cst.Attribute, cst.BinaryOperation))
def function(node: cst.BaseExpression, finding: Finding, site: Site) -> Iterator[Change]:
    if finding.clue.startswith("lambda: "):
        yield Replace(node, cst.Lambda(cst.Parameters(), node))
    else:
        yield Replace(node, site.expression(finding.clue))
