"""`EmailStr` in the place of `str`."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUC105", on=cst.Name)
def repair(node: cst.Name, finding: Finding, site: Site) -> Iterator[Change]:
    yield Replace(node, site.reference("pydantic", "EmailStr"))
