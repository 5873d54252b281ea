"""`expire_on_commit=False` for a sessionmaker."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, InsertAfter, Replace, Site, keyword
from trueup.model import Finding
from trueup.registry import fix


@fix("TUT110", on=cst.Call)
def repair(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    given = keyword("expire_on_commit", cst.Name("False"))
    if node.args:
        yield InsertAfter(node.args[-1], given)
    else:
        yield Replace(node, node.with_changes(args=[given]))
