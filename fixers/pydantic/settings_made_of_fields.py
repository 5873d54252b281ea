"""Makes the type of a field optional where its default is None, when a model is made of pairs."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.libraries.pydantic.config import usual_quote
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP706", on=cst.Tuple)
def widened(node: cst.Tuple, finding: Finding, site: Site) -> Iterator[Change]:
    """`(one.type, one.field)` -> `(Optional[one.type] if one.field's default is None else one.type, one.field)`."""
    kind, given = (site.code_for(one.value) for one in node.elements)
    optional, quote = site.name_for("typing", "Optional"), usual_quote(site.text)
    asked = f"getattr({given}, {quote}default{quote}, {given})"
    yield Replace(node.elements[0].value, site.expression(f"{optional}[{kind}] if {asked} is None else {kind}"))
