"""Bounds in the annotations of a route's parameters."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUF114", on=cst.FunctionDef)
def repair(node: cst.FunctionDef, finding: Finding, site: Site) -> Iterator[Change]:
    bounds = dict(finding.clue)
    annotated = site.name_for(("typing", "typing_extensions"), "Annotated")
    query = site.name_for("fastapi", "Query")
    for one in (*node.params.posonly_params, *node.params.params, *node.params.kwonly_params):
        if one.name.value in bounds and one.annotation is not None:
            kind = one.annotation.annotation
            yield Replace(kind, site.expression(f"{annotated}[int, {query}({bounds[one.name.value]})]"))
