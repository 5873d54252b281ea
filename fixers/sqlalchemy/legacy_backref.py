"""Writes both sides of a relationship that had a `backref=`."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import Change, DropImport, InsertAfter, InsertFirst, Replace, Site, keyword
from trueup.libraries.sqlalchemy.hints import NewRelationships, RenamedArgument
from trueup.model import Finding
from trueup.registry import fix

_ORM = "sqlalchemy.orm"
_WIDTH = 100
"""A longer statement is spread over lines."""
_BEHIND = (("relationship",), ("mapped_column", "Column"), ())
"""Behind the last of which statements a relationship is put: by what they call, the best first."""


@fix("TUS302", on=(cst.Call, cst.ClassDef))
def both_sides(node: cst.Call | cst.ClassDef, finding: Finding, site: Site) -> Iterator[Change]:
    clue = finding.clue
    if isinstance(node, cst.Call):
        assert isinstance(clue, RenamedArgument)
        for arg in node.args:
            if arg.keyword is not None and arg.keyword.value == clue.old:
                made = keyword(clue.new, site.expression(clue.value))
                yield Replace(arg, arg.with_changes(keyword=made.keyword, value=made.value))
        yield DropImport(_ORM, "backref")
        return
    assert isinstance(clue, NewRelationships)
    new = [_statement(name, args, clue.maker, node, site) for name, args in clue.added]
    anchor = _anchor(node, site)
    yield InsertAfter(anchor, *new) if anchor is not None else InsertFirst(node, *new)


def _statement(
    name: str, args: tuple[str, ...], made_by: str, node: cst.ClassDef, site: Site
) -> cst.SimpleStatementLine:
    maker = made_by or site.name_for(_ORM, "relationship", at=_anchor(node, site) or node)
    code = f"{name} = {maker}({', '.join(args)})"
    if len(site.indent(node)) + 4 + len(code) > _WIDTH:
        step = site.default_indent
        code = f"{name} = {maker}(\n{''.join(f'{step}{arg},{chr(10)}' for arg in args)})"
    made = site.statements(code)[0]
    assert isinstance(made, cst.SimpleStatementLine)
    return made


def _anchor(node: cst.ClassDef, site: Site) -> cst.SimpleStatementLine | None:
    lines = [one for one in node.body.body if isinstance(one, cst.SimpleStatementLine) and _assigned(one) is not None]
    for names in _BEHIND:
        found = [line for line in lines if not names or _called(line, site) in names]
        if found:
            return _documentation(node, found[-1]) or found[-1]
    return None


def _documentation(node: cst.ClassDef, line: cst.SimpleStatementLine) -> cst.SimpleStatementLine | None:
    """The text behind an attribute that tools show as its documentation."""
    body = list(node.body.body)
    following = body[body.index(line) + 1 : body.index(line) + 2]
    match following:
        case [cst.SimpleStatementLine(body=[cst.Expr(value=cst.SimpleString() | cst.ConcatenatedString())]) as text]:
            return text
    return None


def _assigned(line: cst.SimpleStatementLine) -> cst.BaseExpression | None:
    small = line.body[-1]
    return small.value if isinstance(small, cst.Assign | cst.AnnAssign) else None


def _called(line: cst.SimpleStatementLine, site: Site) -> str:
    value = _assigned(line)
    return site.code_for(value.func).rpartition(".")[2] if isinstance(value, cst.Call) else ""
