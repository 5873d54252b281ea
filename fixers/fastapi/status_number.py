"""The name of a status code in the place of its number."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUF103", on=cst.Integer)
def repair(node: cst.Integer, finding: Finding, site: Site) -> Iterator[Change]:
    yield Replace(node, cst.Attribute(site.reference(("fastapi", "starlette"), "status"), cst.Name(finding.clue)))
