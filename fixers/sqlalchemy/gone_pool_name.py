"""Imports the pool that 2.1 has, as the name of the one that it no longer has."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Site
from trueup.model import Finding
from trueup.registry import fix

from .gone_core_name import modern


@fix("TUS705", on=(cst.ImportFrom, cst.Attribute))
def pool(node: cst.ImportFrom | cst.Attribute, finding: Finding, site: Site) -> Iterator[Change]:
    yield from modern(node, finding, site)
