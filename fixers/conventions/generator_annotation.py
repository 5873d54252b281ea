"""`Iterator[...]` around what a generator yields."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUC116", on=cst.FunctionDef)
def repair(node: cst.FunctionDef, finding: Finding, site: Site) -> Iterator[Change]:
    if node.returns is None:
        raise CannotFix("it has no annotation")
    said = node.returns.annotation
    kind = site.reference(("collections.abc", "typing"), finding.clue)
    yield Replace(said, cst.Subscript(kind, [cst.SubscriptElement(cst.Index(said))]))
