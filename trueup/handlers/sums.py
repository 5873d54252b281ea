"""Which arithmetic in a handler is about the trade, and not about pages, times, paths or texts."""

from __future__ import annotations

import ast

from .naming import last_name, words
from .values import Origin, Values

_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
_ALSO_JOIN = (ast.Add, ast.Mod)
"""Operators that put texts and lists together as well."""
_NUMBERS = ("builtins.int", "builtins.float", "decimal.Decimal")
_NO_NUMBERS = (
    "builtins.str", "builtins.bytes", "builtins.list", "builtins.tuple", "builtins.set", "builtins.dict",
    "datetime.datetime", "datetime.date", "datetime.timedelta", "pathlib.PurePath", "sqlalchemy.ClauseElement",
    "sqlalchemy.orm.QueryableAttribute",
)  # fmt: skip
_COUNTS = frozenset(
    "byte bytes chunk cursor date day days duration elapsed end expires expiry height hours idx index limit minutes ms "
    "offset page pages progress range seconds size skip start time timeout timestamp ttl width".split()
)
"""Words of sums that are about pages, times and streams."""


def is_calculation(op: ast.operator, left: ast.expr, right: ast.expr, values: Values) -> bool:
    """Whether an operation calculates with values of objects."""
    sides = (left, right)
    if not isinstance(op, _OPERATORS) or any(_is_no_number(side, values) for side in sides):
        return False
    if any(word in _COUNTS for side in sides for node in ast.walk(side) for word in _said(node)):
        return False
    if isinstance(op, _ALSO_JOIN) and not any(values.is_a(side, *_NUMBERS) for side in sides):
        return False
    return any(
        isinstance(side, ast.Attribute) or last_name(side) in ("len", "sum") or values.origin(side) == Origin.DOMAIN
        for side in sides
    )


def _is_no_number(side: ast.expr, values: Values) -> bool:
    if isinstance(side, ast.Constant):
        return not isinstance(side.value, int | float)
    if isinstance(side, ast.JoinedStr | ast.List | ast.ListComp | ast.Dict | ast.Tuple):
        return True
    return any(values.is_a(side, cls) for cls in _NO_NUMBERS)


def _said(node: ast.AST) -> list[str]:
    return words(last_name(node)) if isinstance(node, ast.Name | ast.Attribute) else []
