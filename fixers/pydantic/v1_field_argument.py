"""Gives the arguments of `Field` and of constrained types their names of Pydantic 2."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Remove, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP311", on=cst.Call)
def renamed(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    """Each argument by itself."""
    changes = {change.old: change for change in finding.clue}
    for arg in node.args:
        change = changes.get(arg.keyword.value) if arg.keyword is not None else None
        if change is None or arg.keyword is None:
            continue
        if not change.new:
            yield Remove(arg)
            continue
        yield Replace(arg.keyword, cst.Name(change.new))
        if change.value:
            yield Replace(arg.value, site.expression(change.value))
