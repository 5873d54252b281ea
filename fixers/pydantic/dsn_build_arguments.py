"""Gives a call of `build` the arguments of Pydantic 2, and makes its result a string."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.libraries.pydantic.urls import NEW_BUILD, BuildChange
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP705", on=cst.Call)
def renamed(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    """`user` is `username`, the port a number, the path without its slash."""
    change = finding.clue
    assert isinstance(change, BuildChange)
    values = {"port": change.port, "path": change.path}
    args = []
    for arg in node.args:
        name = arg.keyword.value if arg.keyword is not None else ""
        if name in NEW_BUILD:
            arg = arg.with_changes(keyword=cst.Name(NEW_BUILD[name]))
        elif values.get(name):
            arg = arg.with_changes(value=site.expression(values[name]))
        args.append(arg)
    made = node.with_changes(args=args)
    yield Replace(node, cst.Call(cst.Name("str"), [cst.Arg(made)]) if change.wrap else made)
