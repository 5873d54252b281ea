"""`raise` in the place of `return`."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUF105", on=cst.Return)
def repair(node: cst.Return, finding: Finding, site: Site) -> Iterator[Change]:
    yield Replace(node, cst.Raise(exc=node.value))
