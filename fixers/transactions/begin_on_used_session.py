"""The statements of a `with session.begin()` by themselves, and a commit behind them."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUT106", on=cst.Call)
def repair(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    block = next((one for one in site.ancestors(node) if isinstance(one, cst.With)), None)
    if block is None or not isinstance(block.body, cst.IndentedBlock):
        raise CannotFix("it is not written as a block")
    if block.body.header.comment is not None or block.body.footer:
        raise CannotFix("comments stand around the block")
    wait = "await " if block.asynchronous is not None else ""
    commit = site.statements(f"{wait}{finding.clue}.commit()")
    first, *rest = block.body.body
    if not isinstance(first, cst.SimpleStatementLine | cst.BaseCompoundStatement):
        raise CannotFix("its first statement stands in the line of the `with`")
    kept = [*block.leading_lines, *first.leading_lines]
    yield Replace(block, first.with_changes(leading_lines=kept), *rest, *commit)
