"""Which columns a `primaryjoin=` compares, and which of them it marks as foreign or remote."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from msgspec import Struct

_MARKS = ("foreign", "remote")


class End(Struct, frozen=True):
    """One side of a comparison; `cls` is empty where it is no column that is known."""

    cls: str
    attribute: str
    foreign: bool = False
    remote: bool = False


class Pair(Struct, frozen=True):
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
        case ast.Call(args=args) | ast.BoolOp(values=args):
            for arg in args:
                yield from _compared(arg)


def text_of(node: ast.expr, cls: str = "") -> str | None:
    """The text of a join, with `cls` itself where its name goes: `f"User.id == {cls.__name__}.user_id"`, `%`, `format`.

    None where more than that is put in.
    """
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            parts = [_part(value, cls) for value in values]
            return None if None in parts else "".join(part or "" for part in parts)
        case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Mod(), right=right):
            items = right.elts if isinstance(right, ast.Tuple) else [right]
            return _filled(text, "%s", "%", items, cls)
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format"), args=args, keywords=[]):
            return _filled(text, "{}", "{", args, cls)
    return None


def _part(node: ast.expr, cls: str) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.FormattedValue(value=value, conversion=-1, format_spec=None) if _is_name(value, cls):
            return cls
    return None


def _filled(text: str, place: str, sign: str, items: list[ast.expr], cls: str) -> str | None:
    fits = text.count(place) == text.count(sign) == len(items)
    return text.replace(place, cls) if fits and all(_is_name(item, cls) for item in items) else None


def _is_name(node: ast.expr, cls: str) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id=name), attr="__name__"):
            return bool(cls) and name == cls
    return False


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
