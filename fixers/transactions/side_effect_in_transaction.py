"""What is sent behind the transaction it is about."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, InsertAfter, Remove, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUT104", on=cst.Call)
def repair(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    line = next((one for one in site.ancestors(node) if isinstance(one, cst.SimpleStatementLine)), None)
    block = site.parent(line) if line is not None else None
    if line is None or not isinstance(block, cst.IndentedBlock | cst.Module) or len(line.body) > 1:
        raise CannotFix("it does not stand on a line of its own")
    if finding.clue == "commit":
        behind: cst.CSTNode = block.body[block.body.index(line) + 1]
    else:
        outer = site.parent(block)
        if not isinstance(outer, cst.With) or block.body[-1] is not line:
            raise CannotFix("it is not the last of the block")
        behind = outer
    yield Remove(line, above=True)
    kept = [one for one in line.leading_lines if one.comment is not None]
    yield InsertAfter(behind, line.with_changes(leading_lines=kept))
