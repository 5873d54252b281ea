"""Gives an internal of models that is set by its name the one of Pydantic 2."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP111", on=cst.SimpleString)
def renamed(node: cst.SimpleString, finding: Finding, site: Site) -> Iterator[Change]:
    """`"__fields_set__"` -> `"__pydantic_fields_set__"`, in its own quotes."""
    yield Replace(node, node.with_changes(value=node.value.replace("__fields_set__", finding.clue)))
