"""Lets None belong to the annotation of a body."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP904", on=(cst.Name, cst.Attribute, cst.Subscript, cst.BinaryOperation, cst.SimpleString))
def widened(node: cst.BaseExpression, finding: Finding, site: Site) -> Iterator[Change]:
    """`Optional[X]` or `X | None`, as the file has it."""
    pipe = finding.clue == "pipe"
    if isinstance(node, cst.SimpleString):
        if node.raw_value != node.evaluated_value:
            raise CannotFix("the annotation is a string with escapes")
        inner = f"{node.raw_value} | None" if pipe else f"{site.name_for('typing', 'Optional')}[{node.raw_value}]"
        yield Replace(node, node.with_changes(value=f"{node.prefix}{node.quote}{inner}{node.quote}"))
    elif pipe:
        yield Replace(node, cst.BinaryOperation(node, cst.BitOr(), cst.Name("None")))
    else:
        optional = site.reference("typing", "Optional")
        yield Replace(node, cst.Subscript(optional, [cst.SubscriptElement(cst.Index(node))]))
