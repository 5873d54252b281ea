"""Marks a string of SQL with `text()`."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, Replace, Site
from trueup.libraries.sqlalchemy.queries import SQLALCHEMY
from trueup.model import Finding
from trueup.registry import fix


@fix("TUS404", on=(cst.SimpleString, cst.ConcatenatedString, cst.FormattedString, cst.BinaryOperation, cst.Call))
def marked(node: cst.BaseExpression, finding: Finding, site: Site) -> Iterator[Change]:
    yield Replace(node, cst.Call(site.reference(SQLALCHEMY, "text"), [cst.Arg(node)]))
