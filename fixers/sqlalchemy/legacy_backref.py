"""Writes both sides of a relationship that had a `backref=`."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from trueup.change import AddImport, Addition, Change, DropImport, InsertAfter, InsertFirst, Replace, Site, keyword
from trueup.libraries.sqlalchemy.hints import MovedBackref, NewRelationships, RenamedArgument
from trueup.model import Finding
from trueup.registry import fix

_ORM = "sqlalchemy.orm"
_WIDTH = 100
"""A longer statement is spread over lines."""
_STEP = "    "
"""How far a statement of a class stands in, in a file that is not read."""
_BEHIND = (("relationship",), ("mapped_column", "Column"), ())
"""Behind the last of which statements a relationship is put: by what they call, the best first."""


@fix("TUS302", on=(cst.Call, cst.ClassDef))
def both_sides(node: cst.Call | cst.ClassDef, finding: Finding, site: Site) -> Iterator[Change]:
    clue = finding.clue
    if isinstance(node, cst.Call):
        assert isinstance(clue, RenamedArgument | MovedBackref)
        made = keyword(
            "back_populates", site.expression(f'"{clue.name}"' if isinstance(clue, MovedBackref) else clue.value)
        )
        for arg in node.args:
            if arg.keyword is not None and arg.keyword.value == "backref":
                yield Replace(arg, arg.with_changes(keyword=made.keyword, value=made.value))
        yield DropImport(_ORM, "backref")
        if isinstance(clue, MovedBackref):
            code = _STEP + _code(clue.name, "relationship", clue.args, len(_STEP), _STEP).replace("\n", f"\n{_STEP}")
            wanted = (AddImport(_ORM, "relationship"),)
            yield Addition(clue.path, clue.name, f"{code}\n", clue.cls, imports=wanted)
        return
    assert isinstance(clue, NewRelationships)
    new = [_statement(name, args, clue.maker, node, site) for name, args in clue.added]
    anchor = _anchor(node, site)
    yield InsertAfter(anchor, *new) if anchor is not None else InsertFirst(node, *new)


def _statement(
    name: str, args: tuple[str, ...], made_by: str, node: cst.ClassDef, site: Site
) -> cst.SimpleStatementLine:
    maker = made_by or site.name_for(_ORM, "relationship", at=_anchor(node, site) or node)
    code = _code(name, maker, args, len(site.indent(node)) + 4, site.default_indent)
    made = site.statements(code)[0]
    assert isinstance(made, cst.SimpleStatementLine)
    return made


def _code(name: str, maker: str, args: tuple[str, ...], indent: int, step: str) -> str:
    code = f"{name} = {maker}({', '.join(args)})"
    if indent + len(code) > _WIDTH:
        code = f"{name} = {maker}(\n{''.join(f'{step}{arg},{chr(10)}' for arg in args)})"
    return code


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
