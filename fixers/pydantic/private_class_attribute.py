"""Leaves an attribute of a model to its class."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP203", on=(cst.Assign, cst.AnnAssign))
def shared(node: cst.Assign | cst.AnnAssign, finding: Finding, site: Site) -> Iterator[Change]:
    """`ClassVar`, around the annotation where there is one."""
    name = site.name_for(("typing", "typing_extensions"), "ClassVar")
    if isinstance(node, cst.AnnAssign):
        old = node.annotation.annotation
        yield Replace(old, site.expression(f"{name}[{site.code_for(old)}]"))
        return
    yield Replace(node, cst.AnnAssign(node.targets[0].target, cst.Annotation(site.expression(name)), node.value))
