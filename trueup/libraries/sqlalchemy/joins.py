"""Which columns a `primaryjoin=` compares, and which of them it marks as foreign or remote."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_MARKS = ("foreign", "remote")


@dataclass(frozen=True, slots=True)
class End:
    """One side of a comparison; `cls` is empty where it is no column that is known."""

    cls: str
    attribute: str
    foreign: bool = False
    remote: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """A comparison of two expressions."""

    left: End
    right: End


def pairs_of(join: ast.expr, column: Callable[[ast.expr], tuple[str, str]]) -> tuple[Pair, ...]:
    """The comparisons in a join; `column` says what a column's expression is: its class and attribute."""
    return tuple([Pair(_end(left, column), _end(right, column)) for left, right in _compared(join)])


def _compared(node: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    match node:
        case ast.Lambda(body=body):
            yield from _compared(body)
        case ast.Compare(left=left, comparators=[right]):
            yield left, right
        case ast.BinOp(left=left, right=right):
            yield from _compared(left)
            yield from _compared(right)
        case ast.Call(args=args):
            for arg in args:
                yield from _compared(arg)


def _end(node: ast.expr, column: Callable[[ast.expr], tuple[str, str]]) -> End:
    marks: set[str] = set()
    while isinstance(node, ast.Call) and len(node.args) == 1:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name not in _MARKS:
            break
        marks.add(name)
        node = node.args[0]
    cls, attribute = column(node)
    return End(cls, attribute, "foreign" in marks, "remote" in marks)
