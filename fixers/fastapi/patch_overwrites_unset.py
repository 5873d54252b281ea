"""`exclude_unset=True` for what a PATCH writes."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, InsertAfter, Replace, Site, keyword
from trueup.model import Finding
from trueup.registry import fix


@fix("TUF122", on=cst.Call)
def repair(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    given = keyword("exclude_unset", cst.Name("True"))
    if node.args:
        yield InsertAfter(node.args[-1], given)
    else:
        yield Replace(node, node.with_changes(args=[given]))
