"""Takes the engine from metadata, and gives it to the methods that need one."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, InsertBefore, Remove, Replace, Site, keyword
from trueup.model import Finding
from trueup.registry import fix


@fix("TUS511", on=cst.Call)
def unbound(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    if not finding.clue:
        for arg in node.args:
            if arg.keyword is None or arg.keyword.value == "bind":
                yield Remove(arg)
        return
    made = keyword("bind", site.expression(finding.clue))
    if node.args:
        yield InsertBefore(node.args[0], made)
    else:
        yield Replace(node, node.with_changes(args=[made]))
