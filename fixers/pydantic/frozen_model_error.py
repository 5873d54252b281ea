"""Expects the error that Pydantic 2 raises where a frozen model is changed."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP747", on=(cst.Name, cst.Attribute, cst.Tuple))
def caught(node: cst.Name | cst.Attribute | cst.Tuple, finding: Finding, site: Site) -> Iterator[Change]:
    """`TypeError` -> `ValidationError`, or both of them."""
    new = site.reference("pydantic", "ValidationError")
    if isinstance(node, cst.Tuple):
        elements = [one.with_changes(comma=cst.MaybeSentinel.DEFAULT) for one in node.elements]
        yield Replace(node, node.with_changes(elements=[*elements, cst.Element(new)]))
    elif finding.clue == "both":
        yield Replace(node, cst.Tuple([cst.Element(node), cst.Element(new)]))
    else:
        yield Replace(node, new)
