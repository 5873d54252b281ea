"""Converts a value where it is passed, as Pydantic 1 did."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP802", on=cst.CSTNode)
def converted(node: cst.CSTNode, finding: Finding, site: Site) -> Iterator[Change]:
    """`x` -> `str(x)` and the like."""
    pattern, optional = finding.clue
    assert isinstance(node, cst.BaseExpression)
    code = site.code_for(node)
    bare = isinstance(node, cst.Name | cst.Attribute | cst.Call | cst.Subscript) or "{}." not in pattern
    made = pattern.format(code if bare else f"({code})")
    yield Replace(node, site.expression(f"{made} if {code} is not None else None" if optional else made))
