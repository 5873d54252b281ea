"""`except HTTPException: raise` in front of the broad `except`."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUF102", on=cst.Try)
def repair(node: cst.Try, finding: Finding, site: Site) -> Iterator[Change]:
    line, module = finding.clue
    broad = next((one for one in node.handlers if site.place(one)[0] == line), None)
    if broad is None:
        raise CannotFix("the `except` is not found")
    passing = cst.ExceptHandler(
        type=site.reference(module, "HTTPException"),
        body=cst.IndentedBlock([cst.SimpleStatementLine([cst.Raise()])]),
    )
    at = list(node.handlers).index(broad)
    yield Replace(node, node.with_changes(handlers=[*node.handlers[:at], passing, *node.handlers[at:]]))
