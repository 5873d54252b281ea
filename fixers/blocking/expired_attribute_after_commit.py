"""Load an object again behind the commit that expired it."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, InsertAfter, Site
from trueup.model import Finding
from trueup.registry import fix


@fix("TUA115", on=(cst.Attribute, cst.Call, cst.Name))
def repair(node: cst.Attribute | cst.Call | cst.Name, finding: Finding, site: Site) -> Iterator[Change]:
    line, column, session, name = finding.clue
    function = site.function_at(node)
    search = _Awaited(site, (line, column))
    if function is not None:
        function.visit(search)
    if search.found is None:
        raise CannotFix("the commit was not found in its function")
    yield InsertAfter(site.statement(search.found), *site.statements(f"await {session}.refresh({name})"))


class _Awaited(cst.CSTVisitor):
    """Finds the `await` at a place."""

    def __init__(self, site: Site, place: tuple[int, int]) -> None:
        self.site = site
        self.place = place
        self.found: cst.Await | None = None

    def visit_Await(self, node: cst.Await) -> None:
        if self.site.place(node) == self.place:
            self.found = node
