"""Adds `omit_aliases=False` to an `Enum(...)`."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, InsertAfter, Site, keyword
from trueup.model import Finding
from trueup.registry import fix


@fix("TUS204", on=cst.Call)
def frozen(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    yield InsertAfter(node.args[-1], keyword("omit_aliases", cst.Name("False")))
