"""Takes `__allow_unmapped__ = True` away."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Remove, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUS104", on=(cst.Assign, cst.AnnAssign))
def gone(node: cst.Assign | cst.AnnAssign, finding: Finding, site: Site) -> Iterator[Change]:
    yield Remove(node)
