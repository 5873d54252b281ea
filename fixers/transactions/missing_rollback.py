"""A rollback at the top of an `except`."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, InsertBefore, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUT107", on=cst.ExceptHandler)
def repair(node: cst.ExceptHandler, finding: Finding, site: Site) -> Iterator[Change]:
    rollback = site.statements(finding.clue)
    block = node.body
    if not isinstance(block, cst.IndentedBlock):
        raise CannotFix("its body stands in the line of the `except`")
    first = block.body[0]
    only = first.body[0] if isinstance(first, cst.SimpleStatementLine) and len(block.body) == 1 else None
    if isinstance(only, cst.Pass):
        line = rollback[0]
        assert isinstance(line, cst.SimpleStatementLine)
        yield Replace(only, line.body[0])
    else:
        yield InsertBefore(first, *rollback)
