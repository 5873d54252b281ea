"""Makes `session.query(...)` a `select()` that the session runs."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Site
from trueup.libraries.sqlalchemy.queries import QueryRewrite
from trueup.model import Finding
from trueup.registry import fix

from .query_writing import written


@fix("TUS401", on=(cst.Call, cst.Attribute, cst.Subscript, cst.Name, cst.SimpleString))
def selected(node: cst.CSTNode, finding: Finding, site: Site) -> Iterator[Change]:
    assert isinstance(finding.clue, QueryRewrite)
    yield from written(node, finding.clue, site)
