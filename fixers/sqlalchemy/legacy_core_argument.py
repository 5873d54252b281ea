"""Takes an old argument of engines and tables out."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Remove, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUS503", on=cst.Call)
def gone(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    for arg in node.args:
        if arg.keyword is not None and arg.keyword.value == finding.clue:
            yield Remove(arg)
