"""Gives the keywords of a model's class statement their names of Pydantic 2."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, DropImport, Remove, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP202", on=cst.ClassDef)
def renamed(node: cst.ClassDef, finding: Finding, site: Site) -> Iterator[Change]:
    """Each keyword by itself."""
    changes = {change.old: change for change in finding.clue}
    for arg in node.keywords:
        change = changes.get(arg.keyword.value) if arg.keyword is not None else None
        if change is None or arg.keyword is None:
            continue
        if not change.new:
            yield Remove(arg)
            continue
        if change.new != change.old:
            yield Replace(arg.keyword, cst.Name(change.new))
        if change.value:
            yield Replace(arg.value, site.expression(change.value))
    if any(change.value for change in finding.clue):
        for module in ("pydantic", "pydantic.main", "pydantic.config"):
            yield DropImport(module, "Extra")
