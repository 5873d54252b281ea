"""Writes `Mapper` for the function of that name in events, and `autoload_with=` for the arguments of automap."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, DropImport, Remove, Replace, Site, keyword
from trueup.model import Finding
from trueup.registry import fix


@fix("TUS102", on=(cst.Name, cst.Attribute, cst.Call))
def modern(node: cst.Name | cst.Attribute | cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    if not isinstance(node, cst.Call):
        yield Replace(node, site.reference("sqlalchemy.orm", finding.clue))
        yield DropImport("sqlalchemy.orm", "mapper")
        return
    for arg in node.args:
        if arg.keyword is not None and arg.keyword.value == "reflect":
            yield Remove(arg)
        else:
            made = keyword("autoload_with", arg.value)
            yield Replace(arg, arg.with_changes(keyword=made.keyword, equal=made.equal))
