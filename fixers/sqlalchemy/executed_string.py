"""Marks SQL with `text()`, or hands it to the driver."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.libraries.sqlalchemy.core import SQLALCHEMY
from trueup.model import Finding
from trueup.registry import fix


@fix("TUS506", on=cst.Call)
def marked(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    if finding.clue == "text":
        value = node.args[0].value
        yield Replace(value, cst.Call(site.reference(SQLALCHEMY, "text"), [cst.Arg(value)]))
        return
    assert isinstance(node.func, cst.Attribute)
    method = finding.clue.partition(":")[2]
    if method == "execute":
        yield Replace(node.func.attr, cst.Name("exec_driver_sql"))
    else:
        made = node.with_changes(func=node.func.with_changes(attr=cst.Name("exec_driver_sql")), lpar=(), rpar=())
        yield Replace(node, cst.Call(cst.Attribute(made, cst.Name(method))))
