"""Gives a regular expression as `pattern`, anchored and for the engine that understands it."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Site
from trueup.model import Finding
from trueup.registry import fix

from .anchored_patterns import anchored


@fix("TUP312", on=cst.Call)
def renamed(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    """The argument `regex` of the call."""
    yield from anchored(node, finding, site)
