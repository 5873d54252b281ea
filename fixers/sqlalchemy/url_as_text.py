"""Renders an URL with its password, and makes one by `URL.create()`."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site, keyword
from trueup.model import Finding
from trueup.registry import fix


@fix("TUS513", on=cst.Call)
def modern(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    if finding.clue == "create":
        yield Replace(node.func, cst.Attribute(node.func, cst.Name("create")))
        return
    func = cst.Attribute(node.args[0].value, cst.Name("render_as_string"))
    yield Replace(node, cst.Call(func, [keyword("hide_password", cst.Name("False"))]))
