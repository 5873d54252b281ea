"""The queries of a route in a service."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Site
from trueup.model import Finding
from trueup.registry import fix

from .extracting import extracted


@fix("TUL102", on=cst.FunctionDef)
def repair(node: cst.FunctionDef, finding: Finding, site: Site) -> Iterator[Change]:
    yield from extracted(node, finding, site)
