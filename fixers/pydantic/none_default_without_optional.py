"""Lets None belong to the annotation of a field."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP302", on=cst.AnnAssign)
def widened(node: cst.AnnAssign, finding: Finding, site: Site) -> Iterator[Change]:
    """`Optional[X]` or `X | None`, as the file has it; inside of `Annotated`, for what follows describes the field."""
    inner = node.annotation.annotation
    if isinstance(inner, cst.Subscript) and _last(inner.value) == "Annotated":
        first = inner.slice[0].slice
        assert isinstance(first, cst.Index)
        inner = first.value
    yield Replace(inner, _with_none(inner, finding.clue == "pipe", site))


def _with_none(old: cst.BaseExpression, pipe: bool, site: Site) -> cst.BaseExpression:
    if isinstance(old, cst.SimpleString):
        text = old.raw_value
        if text != old.evaluated_value or "\n" in text:
            raise CannotFix("the annotation is a string with escapes or several lines")
        new = f"{text} | None" if pipe else f"{site.name_for('typing', 'Optional')}[{text}]"
        return old.with_changes(value=f"{old.prefix}{old.quote}{new}{old.quote}")
    if isinstance(old, cst.ConcatenatedString):
        raise CannotFix("the annotation is a string in several parts")
    if pipe:
        return cst.BinaryOperation(old, cst.BitOr(), cst.Name("None"))
    optional = site.reference("typing", "Optional")
    return cst.Subscript(optional, [cst.SubscriptElement(cst.Index(old))])


def _last(node: cst.BaseExpression) -> str:
    return node.attr.value if isinstance(node, cst.Attribute) else node.value if isinstance(node, cst.Name) else ""
