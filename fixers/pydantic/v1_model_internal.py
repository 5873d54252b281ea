"""Puts what Pydantic 2 has in the place of `_iter()`."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.libraries.pydantic.internals import Pairs
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP105", on=cst.Call)
def iterated(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    """The model itself, or the items of what it is dumped to."""
    pairs, method = finding.clue, cst.ensure_type(node.func, cst.Attribute)
    assert isinstance(pairs, Pairs)
    if pairs.shape == "model":
        yield Replace(node, method.value)
    elif pairs.shape == "iter":
        yield Replace(node, cst.Call(cst.Name("iter"), [cst.Arg(method.value)]))
    else:
        kept = [one for one in node.args if one.keyword is None or one.keyword.value not in pairs.dropped]
        if kept:
            kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        dumped = node.with_changes(func=method.with_changes(attr=cst.Name("model_dump")), args=kept)
        yield Replace(node, cst.Call(cst.Attribute(dumped, cst.Name("items"))))
