"""Puts `to_jsonable_python` in the place of `pydantic_encoder`."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, DropImport, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP104", on=(cst.Name, cst.Attribute))
def renamed(node: cst.Name | cst.Attribute, finding: Finding, site: Site) -> Iterator[Change]:
    """The name, and its import."""
    yield Replace(node, site.reference("pydantic_core", "to_jsonable_python"))
    yield DropImport("pydantic.json", finding.clue)
    yield DropImport("pydantic")
    yield DropImport("pydantic", "json")
