"""Makes errors of validation plain data before they are written as JSON."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site, keyword
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP745", on=(cst.Call, cst.Name))
def plain(node: cst.Call | cst.Name, finding: Finding, site: Site) -> Iterator[Change]:
    """`exc.errors()` -> `jsonable_encoder(exc.errors())`, or without what JSON does not know."""
    if finding.clue == "encoder":
        yield Replace(node, cst.Call(site.reference("fastapi.encoders", "jsonable_encoder"), [cst.Arg(node)]))
        return
    assert isinstance(node, cst.Call)
    names = ("include_url", "include_context", "include_input")
    yield Replace(node, node.with_changes(args=[keyword(name, cst.Name("False")) for name in names]))
