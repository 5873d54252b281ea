"""Says that a computed column is stored."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, InsertAfter, Site, keyword
from trueup.model import Finding
from trueup.registry import fix


@fix("TUS704", on=cst.Call)
def stored(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    yield InsertAfter(node.args[-1], keyword("persisted", cst.Name("True")))
