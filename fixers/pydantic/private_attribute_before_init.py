"""Sets private attributes once the model is initialised."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, InsertAfter, Remove, Replace, Site
from trueup.libraries.pydantic.private import EarlyAttribute
from trueup.model import Finding
from trueup.registry import fix


@fix("TUP305", on=cst.Assign)
def later(node: cst.Assign, finding: Finding, site: Site) -> Iterator[Change]:
    """The assignment goes behind `super().__init__()`, with its comments; what is worked out stays where it was."""
    clue = finding.clue
    assert isinstance(clue, EarlyAttribute)
    function = next((one for one in site.ancestors(node) if isinstance(one, cst.FunctionDef)), None)
    if function is None or len(function.body.body) <= clue.call:
        raise CannotFix("the statements of the function are not found")
    call = function.body.body[clue.call]
    if clue.local:
        yield Replace(node.targets[0].target, cst.Name(clue.local))
        made = site.statements(f"{site.code_for(node.targets[0].target)} = {clue.local}\n")
        yield InsertAfter(call, *made)
        return
    line = next(one for one in site.ancestors(node) if isinstance(one, cst.SimpleStatementLine))
    comments = [one for one in line.leading_lines if one.comment is not None]
    yield InsertAfter(call, line.deep_clone().with_changes(leading_lines=[one.deep_clone() for one in comments]))
    yield Remove(line, above=True)
