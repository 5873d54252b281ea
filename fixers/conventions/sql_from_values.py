"""Parameters in SQL in the place of values."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, InsertAfter, Replace, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUC107", on=cst.Call)
def repair(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    bound = finding.clue
    given = site.parent(node)
    text = node.args[0].value
    if not isinstance(given, cst.Arg) or not isinstance(text, cst.FormattedString):
        raise CannotFix('it is not written as `execute(text(f"..."))`')
    quote = text.end
    if quote in bound.text or "\\" in bound.text or ("\n" in bound.text and len(quote) < 3):
        raise CannotFix("the text holds quotes or backslashes")
    yield Replace(text, cst.SimpleString(f"{quote}{bound.text}{quote}"))
    values = ", ".join(f'"{name}": {expression}' for name, expression in bound.values)
    yield InsertAfter(given, cst.Arg(site.expression(f"{{{values}}}")))
