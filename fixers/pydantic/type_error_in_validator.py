"""Has a validator raise a `ValueError`."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP502", on=cst.Name)
def renamed(node: cst.Name, finding: Finding, site: Site) -> Iterator[Change]:
    """The name of the exception alone."""
    yield Replace(node, cst.Name("ValueError"))
