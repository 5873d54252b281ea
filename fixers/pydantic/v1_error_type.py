"""Compares the type of an error with the codes of Pydantic 2."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP743", on=(cst.SimpleString, cst.Comparison))
def compared(node: cst.SimpleString | cst.Comparison, finding: Finding, site: Site) -> Iterator[Change]:
    """One code for one; several in the list it stands in; `==` with several becomes `in`."""
    how, codes = finding.clue
    if isinstance(node, cst.Comparison):
        old = node.comparisons[0]
        if not isinstance(old.comparator, cst.SimpleString):
            raise CannotFix("the code is written in several pieces")
        quote = old.comparator.quote
        space = {"whitespace_before": cst.SimpleWhitespace(" "), "whitespace_after": cst.SimpleWhitespace(" ")}
        operator = cst.NotIn(**space) if isinstance(old.operator, cst.NotEqual) else cst.In(**space)
        several = site.expression(f"({', '.join(quote + code + quote for code in codes)})")
        yield Replace(old, old.with_changes(operator=operator, comparator=several))
        return
    new = [cst.SimpleString(node.quote + code + node.quote) for code in codes]
    if how == "alone":
        yield Replace(node, new[0])
        return
    element = site.parent(node)
    assert isinstance(element, cst.Element)
    yield Replace(element, *(element.with_changes(value=one) for one in new))
