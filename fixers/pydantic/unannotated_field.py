"""Gives a field the annotation that Pydantic 1 found by itself."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP303", on=cst.Assign)
def annotated(node: cst.Assign, finding: Finding, site: Site) -> Iterator[Change]:
    """The same assignment with an annotation; `ClassVar` is imported."""
    text = finding.clue
    if text == "ClassVar":
        text = site.name_for(("typing", "typing_extensions"), "ClassVar")
    target = node.targets[0].target
    yield Replace(node, cst.AnnAssign(target, cst.Annotation(site.expression(text)), node.value))
