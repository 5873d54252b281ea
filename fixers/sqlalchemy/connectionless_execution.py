"""Puts a statement that an engine ran into a block with a connection."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUS508", on=cst.Call)
def connected(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    assert isinstance(node.func, cst.Attribute)
    statement = site.statement(node)
    if not isinstance(statement, cst.BaseSmallStatement):
        raise CannotFix("it is part of a block")
    name = cst.Name(finding.clue)
    call = node.with_changes(func=node.func.with_changes(value=name))
    inner = statement.deep_replace(node, call)
    if not isinstance(inner, cst.BaseSmallStatement):
        raise CannotFix("it is part of a block")
    opened = cst.Call(cst.Attribute(node.func.value, cst.Name("begin")))
    block = cst.With(
        [cst.WithItem(opened, cst.AsName(name))],
        cst.IndentedBlock([cst.SimpleStatementLine([inner])]),
    )
    yield Replace(statement, block)
