"""`flush()` where the block commits by itself at its end."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUT105", on=cst.Call)
def repair(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    if not isinstance(node.func, cst.Attribute):
        raise CannotFix("it is not written as `session.commit()`")
    yield Replace(node.func.attr, cst.Name("flush"))
