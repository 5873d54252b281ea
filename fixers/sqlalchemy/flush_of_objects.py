"""Flushes the whole session."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Remove, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUS453", on=cst.Call)
def flushed(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    yield Remove(node.args[0])
