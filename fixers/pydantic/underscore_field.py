"""Makes a field that never was one a private attribute."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, DropImport, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP306", on=cst.Call)
def private(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    """`PrivateAttr`, with what says the default."""
    kept: list[cst.Arg] = []
    for arg in node.args:
        name = arg.keyword.value if arg.keyword is not None else "default"
        if name not in ("default", "default_factory") or isinstance(arg.value, cst.Ellipsis):
            continue
        kept.append(arg.with_changes(comma=cst.MaybeSentinel.DEFAULT, whitespace_after_arg=cst.SimpleWhitespace("")))
    maker = site.reference(("pydantic", "pydantic.fields"), "PrivateAttr")
    for module in ("pydantic", "pydantic.fields"):
        yield DropImport(module, "Field")
    new = node.with_changes(func=maker, args=kept, whitespace_before_args=cst.SimpleWhitespace(""))
    yield Replace(node, new)
