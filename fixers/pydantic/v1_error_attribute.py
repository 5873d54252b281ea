"""Hands the errors of a model on to FastAPI as Pydantic 2 tells them, and asks for its name."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP746", on=cst.Attribute)
def told(node: cst.Attribute, finding: Finding, site: Site) -> Iterator[Change]:
    """`error.raw_errors` -> `error.errors()`; `error.model.__name__` -> `error.title`."""
    if finding.clue == "title":
        model = cst.ensure_type(node.value, cst.Attribute)
        yield Replace(node, model.with_changes(attr=cst.Name("title")))
        return
    yield Replace(node, cst.Call(node.with_changes(attr=cst.Name("errors"))))
