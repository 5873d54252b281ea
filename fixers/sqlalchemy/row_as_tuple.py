"""Takes the row or the result as it is."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUS702", on=(cst.Call, cst.Attribute))
def itself(node: cst.Call | cst.Attribute, finding: Finding, site: Site) -> Iterator[Change]:
    func = node.func if isinstance(node, cst.Call) else node
    assert isinstance(func, cst.Attribute)
    yield Replace(node, func.value)
