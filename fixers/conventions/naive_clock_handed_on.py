"""A clock that says its zone in the place of one that does not."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUC101", on=cst.Attribute)
def repair(node: cst.Attribute, finding: Finding, site: Site) -> Iterator[Change]:
    cls = node.value
    if isinstance(cls, cst.Attribute):  # `datetime.datetime.utcnow`
        zone: cst.BaseExpression = cst.Attribute(cls.value, cst.Name("timezone"))
    else:
        zone = site.reference(("datetime",), "timezone")
    now = cst.Call(cst.Attribute(cls, cst.Name("now")), [cst.Arg(cst.Attribute(zone, cst.Name("utc")))])
    yield Replace(node, cst.Lambda(cst.Parameters(), now))
