"""A statement is asked for its truth, its length or its rows: `if stmt:`, `len(stmt)`, `for row in stmt`.

## Why
A `select()` is only a description. `if stmt:` raises `TypeError` ("Boolean value of this clause is not defined"), and
so do `len(stmt)` and a loop over it, which worked on a `Query`.

## What to do
Say `if stmt is not None:` where the question is whether there is a statement. Run it where rows are meant:
`session.scalars(stmt).all()`.

## Limits
Statements of unknown type are left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.core import LIBRARIES
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Instance, without_none

_STATEMENTS = ("sqlalchemy.SelectBase", "sqlalchemy.UpdateBase")


@rule(
    "TUS803",
    "truth-of-statement",
    on=(ast.If, ast.While, ast.IfExp, ast.BoolOp, ast.UnaryOp, ast.Call, ast.For, ast.comprehension),
    names=("len", "bool", "list"),
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    libraries=LIBRARIES,
    triggers=("select", "Select", "insert", "update", "delete"),
    where=lambda facts, types, config: not {"sqlalchemy", "sqlmodel"}.isdisjoint(facts.imported),
    url="https://docs.sqlalchemy.org/en/20/core/selectable.html",
    effort=3,
)
def check(
    node: ast.If | ast.While | ast.IfExp | ast.BoolOp | ast.UnaryOp | ast.Call | ast.For | ast.comprehension, file: File
) -> Iterator[Hit]:
    match node:
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            asked, what = [test], "truth"
        case ast.BoolOp(values=values):
            asked, what = values[:-1], "truth"
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            asked, what = [operand], "truth"
        case ast.Call(func=ast.Name(id="len" | "bool" | "list" as name), args=[first]):
            asked, what = [first], {"len": "length", "bool": "truth"}.get(name, "rows")
        case ast.For(iter=iterated) | ast.comprehension(iter=iterated):
            asked, what = [iterated], "rows"
        case _:
            return
    for one in asked:
        if isinstance(one, ast.Name | ast.Attribute | ast.Call) and _is_statement(one, file):
            advice = "compare it with None, or run it" if what == "truth" else "run it"
            yield Hit(one, f"a statement has no {what}, and raises: {advice}", safety=Safety.MANUAL)


def _is_statement(node: ast.expr, file: File) -> bool:
    one = without_none(file.type_of(node))
    return isinstance(one, Instance) and any(file.types.is_subclass(one.cls, base) for base in _STATEMENTS)
