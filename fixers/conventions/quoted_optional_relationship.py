"""`Optional["Team"]` in the place of `"Team | None"`."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUC117", on=cst.SimpleString)
def repair(node: cst.SimpleString, finding: Finding, site: Site) -> Iterator[Change]:
    inner = cst.SimpleString(f"{node.quote}{finding.clue}{node.quote}")
    optional = site.reference("typing", "Optional")
    yield Replace(node, cst.Subscript(optional, [cst.SubscriptElement(cst.Index(inner))]))
