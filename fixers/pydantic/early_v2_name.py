"""Gives a name of the first releases of Pydantic 2 its present form."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, DropImport, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP545", on=(cst.Name, cst.Attribute))
def renamed(node: cst.Name | cst.Attribute, finding: Finding, site: Site) -> Iterator[Change]:
    """The name, by whatever way the file has it."""
    module, old, new = finding.clue
    if isinstance(node, cst.Attribute):
        yield Replace(node.attr, cst.Name(new))
        return
    core = "pydantic_core.core_schema"
    homes = ("pydantic", core) if new == "ValidationInfo" else (core,)
    yield Replace(node, site.reference(homes, new))
    for home in {module: 0, "pydantic": 0, core: 0}:
        yield DropImport(home, old)
