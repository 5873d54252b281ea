"""Writes the default None that Pydantic 1 gave a field down."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, InsertBefore, Replace, Site, keyword
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP301", on=cst.AnnAssign)
def defaulted(node: cst.AnnAssign, finding: Finding, site: Site) -> Iterator[Change]:
    """`= None` behind the annotation, or `default=None` in front of the arguments of `Field`."""
    none = cst.Name("None")
    if finding.clue == "none":
        yield Replace(node, node.with_changes(value=none))
        return
    if finding.clue == "json":  # version 1 gave it None without asking `Json`, version 2 asks
        old = node.annotation.annotation
        optional = cst.Subscript(site.reference("typing", "Optional"), [cst.SubscriptElement(cst.Index(old))])
        yield Replace(node, node.with_changes(annotation=node.annotation.with_changes(annotation=optional), value=none))
        return
    call = node.value
    assert isinstance(call, cst.Call)
    if not call.args:
        yield Replace(call, call.with_changes(args=[keyword("default", none)]))
        return
    arg, opening = keyword("default", none), call.whitespace_before_args
    if isinstance(opening, cst.ParenthesizedWhitespace):  # an argument a line: this one gets a line too
        end = opening.with_changes(first_line=cst.TrailingWhitespace(), empty_lines=())
        arg = arg.with_changes(comma=cst.Comma(whitespace_after=end))
    yield InsertBefore(call.args[0], arg)
