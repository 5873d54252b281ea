"""Closes all sessions by the function that does."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUS602", on=cst.Call)
def modern(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    yield Replace(node.func, site.reference(("sqlalchemy.orm", "sqlalchemy.orm.session"), finding.clue))
