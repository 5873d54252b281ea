"""Passes the config of `with_config` by its place."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP543", on=cst.Call)
def unnamed(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    """The one argument loses its keyword."""
    arg = node.args[0]
    yield Replace(arg, arg.with_changes(keyword=None, equal=cst.MaybeSentinel.DEFAULT))
