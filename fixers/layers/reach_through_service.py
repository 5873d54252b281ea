"""A method of the service in the place of a reach through it."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Addition, CannotFix, Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUL103", on=cst.Call)
def repair(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    made = finding.clue
    if not isinstance(node.func, cst.Attribute) or not isinstance(node.func.value, cst.Attribute):
        raise CannotFix("it is not written as `service.repository.method(...)`")
    yield Replace(node.func.value, node.func.value.value)
    yield Addition(made.path, made.name, made.code, made.cls)
