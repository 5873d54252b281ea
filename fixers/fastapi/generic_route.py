"""The router's own method for a route of one method."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, Remove, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUF119", on=cst.Call)
def repair(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    if not isinstance(node.func, cst.Attribute):
        raise CannotFix("it is not written as `router.api_route(...)`")
    yield Replace(node.func.attr, cst.Name(finding.clue))
    yield Remove(next(one for one in node.args if one.keyword is not None and one.keyword.value == "methods"))
