"""`scope="function"` for a dependency."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, InsertAfter, Site, keyword
from trueup.model import Finding
from trueup.registry import fix


@fix("TUT103", on=cst.Call)
def repair(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    yield InsertAfter(node.args[-1], keyword("scope", cst.SimpleString('"function"')))
