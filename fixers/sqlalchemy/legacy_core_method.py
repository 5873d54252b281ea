"""Calls methods of Core by their new names."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import CannotFix, Change, DropImport, Replace, Site
from trueup.libraries.sqlalchemy.core import SQLALCHEMY
from trueup.model import Finding
from trueup.registry import fix

_INSPECT = ("sqlalchemy", "sqlalchemy.inspection")


@fix("TUS505", on=cst.Call)
def modern(node: cst.Call, finding: Finding, site: Site) -> Iterator[Change]:
    clue, func = finding.clue, node.func
    assert isinstance(func, cst.Attribute)
    if clue.inspected == "argument":
        yield Replace(func, site.reference(_INSPECT, "inspect"))
        for arg in node.args:
            if arg.keyword is not None:
                yield Replace(arg, arg.with_changes(keyword=None, equal=cst.MaybeSentinel.DEFAULT))
        yield DropImport("sqlalchemy.engine.reflection", "Inspector")
        yield DropImport("sqlalchemy.engine", "Inspector")
        yield DropImport("sqlalchemy", "Inspector")
        yield DropImport("sqlalchemy.engine", "reflection")
    elif clue.inspected:
        asked = cst.Call(site.reference(_INSPECT, "inspect"), [cst.Arg(func.value)])
        yield Replace(func, func.with_changes(value=asked, attr=cst.Name(clue.name)))
    elif clue.assigned:
        statement = site.parent(node)
        if not isinstance(statement, cst.Expr):
            raise CannotFix("its value is used")
        value = node.with_changes(func=func.with_changes(attr=cst.Name(clue.name)))
        yield Replace(statement, cst.Assign([cst.AssignTarget(cst.Name(clue.assigned))], value))
    elif clue.argument:
        args = [cst.Arg(site.reference(SQLALCHEMY, clue.argument))]
        yield Replace(node, node.with_changes(func=func.with_changes(attr=cst.Name(clue.name)), args=args))
    else:
        yield Replace(func.attr, cst.Name(clue.name))
