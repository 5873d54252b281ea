"""`from __future__ import annotations` at the top of a module."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import AddImport, Change, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUC102", on=cst.Module)
def repair(node: cst.Module, finding: Finding, site: Site) -> Iterator[Change]:
    yield AddImport("__future__", "annotations")
