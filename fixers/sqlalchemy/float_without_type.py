"""Names the type of a column of floats."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, InsertAfter, InsertBefore, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUS703", on=cst.Call)
def typed(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    made = cst.Arg(site.reference(("sqlalchemy", "sqlalchemy.types"), "Float"))
    if not node.args:
        yield Replace(node, node.with_changes(args=[made]))
    elif node.args[0].keyword is None and isinstance(node.args[0].value, cst.SimpleString):
        yield InsertAfter(node.args[0], made)
    else:
        yield InsertBefore(node.args[0], made)
