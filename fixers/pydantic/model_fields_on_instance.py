"""Asks the class of an object for its fields."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP541", on=cst.Attribute)
def asked(node: cst.Attribute, finding: Finding, site: Site) -> Iterator[Change]:
    """`x.model_fields` -> `type(x).model_fields`."""
    bare = node.value.with_changes(lpar=[], rpar=[]) if node.value.lpar else node.value
    yield Replace(node, node.with_changes(value=cst.Call(cst.Name("type"), [cst.Arg(bare)])))
