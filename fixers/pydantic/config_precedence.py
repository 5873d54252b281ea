"""Writes down which of two settings a model had in Pydantic 1."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, InsertFirst, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP204", on=cst.ClassDef)
def repeated(node: cst.ClassDef, finding: Finding, site: Site) -> Iterator[Change]:
    """A `model_config` at the top of the class."""
    arguments = ", ".join(f"{key}={value}" for key, value in finding.clue)
    maker = site.name_for(("pydantic", "pydantic.config"), "ConfigDict", at=node.body.body[0])
    line = site.statements(f"model_config = {maker}({arguments})\n")[0]
    assert isinstance(line, cst.SimpleStatementLine)
    yield InsertFirst(node, line)
