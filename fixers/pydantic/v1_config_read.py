"""Reads a setting from `model_config`."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP206", on=(cst.Attribute, cst.Call))
def read(node: cst.Attribute | cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    """The whole `Model.Config.key`, or `hasattr(Model.Config, "key")`."""
    yield Replace(node, site.expression(finding.clue))
