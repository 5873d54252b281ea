"""Makes the `update()` or `delete()` of a query a statement of its own that the session runs."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Site
from trueup.libraries.sqlalchemy.queries import QueryRewrite
from trueup.model import Finding
from trueup.registry import fix

from .query_writing import written


@fix("TUS451", on=(cst.Call, cst.Name, cst.Attribute, cst.Subscript, cst.SimpleString))
def executed(node: cst.CSTNode, finding: Finding, site: Site) -> Iterator[Change]:
    assert isinstance(finding.clue, QueryRewrite)
    yield from written(node, finding.clue, site)
