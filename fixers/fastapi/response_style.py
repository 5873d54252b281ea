"""A route without the `response_model` that its annotation says too."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, Remove, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUF127", on=(cst.Name, cst.Attribute, cst.Subscript, cst.BinaryOperation))
def repair(node: cst.BaseExpression, finding: Finding, site: Site) -> Iterator[Change]:
    given = site.parent(node)
    if not isinstance(given, cst.Arg):
        raise CannotFix("it is not written as `response_model=...`")
    yield Remove(given)
