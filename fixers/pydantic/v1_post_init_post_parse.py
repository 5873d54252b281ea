"""Gives the method that runs behind validation its name of Pydantic 2."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP661", on=(cst.FunctionDef, cst.Attribute))
def renamed(node: cst.FunctionDef | cst.Attribute, finding: Finding, site: Site) -> Iterator[Change]:
    """The name and nothing else."""
    yield Replace(node.name if isinstance(node, cst.FunctionDef) else node.attr, cst.Name(finding.clue))
