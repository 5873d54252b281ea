"""`list(...)` around a sequence."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUC118", on=cst.Call)
def repair(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    yield Replace(node, cst.Call(site.reference("builtins", "list"), [cst.Arg(node)]))
