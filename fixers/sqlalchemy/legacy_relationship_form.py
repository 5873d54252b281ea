"""Writes `relationship()` for its old names, and takes out `cascade_backrefs=False`."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, DropImport, InsertAfter, Remove, Replace, Site, keyword
from trueup.model import Finding
from trueup.registry import fix

_ORM = "sqlalchemy.orm"


@fix("TUS303", on=cst.Call)
def modern(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    if finding.clue == "cascade_backrefs":
        for arg in node.args:
            if arg.keyword is not None and arg.keyword.value == "cascade_backrefs":
                yield Remove(arg)
        return
    func = node.func
    if isinstance(func, cst.Attribute):
        yield Replace(func.attr, cst.Name("relationship"))
    else:
        yield Replace(func, site.reference(_ORM, "relationship"))
        yield DropImport(_ORM, finding.clue)
    if finding.clue == "dynamic_loader" and node.args:
        yield InsertAfter(node.args[-1], keyword("lazy", cst.SimpleString('"dynamic"')))
