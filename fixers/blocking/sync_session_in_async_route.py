"""Make an async route a plain `def`, which FastAPI runs in its thread pool."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUA103", on=cst.FunctionDef)
def repair(node: cst.FunctionDef, finding: Finding, site: Site) -> Iterator[Change]:
    yield Replace(node, node.with_changes(asynchronous=None))
