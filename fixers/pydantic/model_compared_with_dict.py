"""Compares what models are dumped as, as Pydantic 1 did."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP103", on=(cst.Comparison, cst.Call))
def dumped(node: cst.Comparison | cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    """`.model_dump()` behind each side that is a model."""
    if isinstance(node, cst.Comparison):
        sides = {"left": node.left, "right": node.comparisons[0].comparator}
    else:
        sides = {"left": node.args[0].value, "right": node.args[1].value}
    for side in finding.clue:
        value = sides[side]
        yield Replace(value, cst.Call(cst.Attribute(_bracketed(value), cst.Name("model_dump"))))


def _bracketed(value: cst.BaseExpression) -> cst.BaseExpression:
    """The value so that an attribute can be read from it: `(await f()).model_dump()`."""
    if isinstance(value, cst.Name | cst.Attribute | cst.Call | cst.Subscript) or value.lpar:
        return value
    return value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
