"""The CORS middleware behind the others."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, InsertAfter, Remove, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUF120", on=cst.Call)
def repair(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    line = next((one for one in site.ancestors(node) if isinstance(one, cst.SimpleStatementLine)), None)
    around = site.parent(line) if line is not None else None
    body = around.body if isinstance(around, cst.Module | cst.IndentedBlock) else ()
    last = next((one for one in body if _line(one, site) == finding.clue), None)
    if line is None or last is None or len(line.body) != 1:
        raise CannotFix("the statements do not stand in one block")
    yield Remove(line, above=True)
    kept = [one for one in line.leading_lines if one.comment is not None]
    yield InsertAfter(last, line.with_changes(leading_lines=kept))


def _line(node: cst.CSTNode, site: Site) -> int:
    """The line of a statement as `ast` counts: that of the `def`, not of its decorators."""
    if isinstance(node, cst.FunctionDef) and node.asynchronous is None:
        return site.place(node)[0]
    return site.place(node)[0]
