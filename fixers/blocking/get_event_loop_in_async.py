"""Ask for the running loop."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, DropImport, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUA112", on=cst.Call)
def repair(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    if isinstance(node.func, cst.Attribute):
        yield Replace(node.func.attr, cst.Name("get_running_loop"))
        return
    yield Replace(node.func, site.reference("asyncio", "get_running_loop"))
    yield DropImport("asyncio", "get_event_loop")
