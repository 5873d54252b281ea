"""Lets a `TypeAdapter` do what the model behind a data class did."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP664", on=cst.Attribute)
def adapted(node: cst.Attribute, finding: Finding, site: Site) -> Iterator[Change]:
    """`D.__pydantic_model__.schema` -> `TypeAdapter(D).json_schema`."""
    if not isinstance(node.value, cst.Attribute):
        raise CannotFix("the place is not what it was")
    adapter = cst.Call(site.reference("pydantic", "TypeAdapter"), [cst.Arg(node.value.value)])
    yield Replace(node, cst.Attribute(adapter, cst.Name(finding.clue)))
