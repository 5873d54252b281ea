"""Makes an example of a model whose types are not known yet without validating it."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP108", on=cst.Call)
def constructed(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    """`State(type="done")` -> `State.model_construct(type="done")`."""
    yield Replace(node.func, cst.Attribute(node.func, cst.Name(finding.clue)))
