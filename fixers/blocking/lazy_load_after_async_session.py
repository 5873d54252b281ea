"""Have a query load the relationship that is read of what it gives."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, InsertAfter, Replace, Site, keyword
from trueup.model import Finding
from trueup.registry import fix

_CHAIN = frozenset(
    {
        "distinct", "execution_options", "filter", "filter_by", "group_by", "having", "join", "limit", "offset",
        "options", "order_by", "outerjoin", "select_from", "where", "with_for_update",
    }
)  # fmt: skip


@fix("TUA114", on=(cst.Attribute, cst.Call))
def repair(node: cst.Attribute | cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    attribute, line, column, by_get = finding.clue
    query = _Query(site, (line, column))
    function = site.function_at(node)
    if function is not None:
        function.visit(query)
    call = query.found
    if call is None or not call.args:
        raise CannotFix("the query was not found in its function")
    load = cst.Call(
        site.reference("sqlalchemy.orm", "selectinload"),
        [cst.Arg(cst.Attribute(site.expression(site.code_for(call.args[0].value)), cst.Name(attribute)))],
    )
    if not by_get:
        outer = _whole(call, site)
        inner = outer.with_changes(lpar=(), rpar=())
        chained = cst.Call(cst.Attribute(inner, cst.Name("options")), [cst.Arg(load)], lpar=outer.lpar, rpar=outer.rpar)
        yield Replace(outer, chained)
        return
    options = next((one for one in call.args if one.keyword is not None and one.keyword.value == "options"), None)
    if options is None:
        yield InsertAfter(call.args[-1], keyword("options", cst.List([cst.Element(load)])))
    elif isinstance(options.value, cst.List) and options.value.elements:
        yield InsertAfter(options.value.elements[-1], cst.Element(load))
    else:
        raise CannotFix("the options are put together elsewhere")


class _Query(cst.CSTVisitor):
    """Finds the call at a place; of several that begin there, the innermost."""

    def __init__(self, site: Site, place: tuple[int, int]) -> None:
        self.site = site
        self.place = place
        self.found: cst.Call | None = None

    def visit_Call(self, node: cst.Call) -> None:
        if self.site.place(node) == self.place:
            self.found = node


def _whole(call: cst.Call, site: Site) -> cst.Call:
    """The statement that begins with `select(...)`: what is called on it, one behind the other."""
    while True:
        attribute = site.parent(call)
        outer = site.parent(attribute) if isinstance(attribute, cst.Attribute) and attribute.value is call else None
        if not isinstance(outer, cst.Call) or not isinstance(attribute, cst.Attribute):
            return call
        if outer.func is not attribute or attribute.attr.value not in _CHAIN:
            return call
        call = outer
