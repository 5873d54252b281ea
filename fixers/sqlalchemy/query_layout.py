"""How a chain of methods is laid out on lines, and how it is put into the brackets of a call."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from trueup.change import Site
from trueup.indents import Deeper

NOTHING = cst.SimpleWhitespace("")
WIDTH = 120
"""The longest line that is written in one piece."""


def has_lines(links: Sequence[cst.Attribute]) -> bool:
    """Whether a chain is broken in front or behind one of its dots."""
    return any(isinstance(space, cst.ParenthesizedWhitespace) for link in links for space in _spaces(link.dot))


def _spaces(dot: cst.Dot | cst.MaybeSentinel) -> tuple[cst.BaseParenthesizableWhitespace, ...]:
    return (dot.whitespace_before, dot.whitespace_after) if isinstance(dot, cst.Dot) else ()


def indent_of(links: Sequence[cst.Attribute]) -> str:
    """How deep the lines of a chain stand."""
    for link in links:
        for space in _spaces(link.dot):
            if isinstance(space, cst.ParenthesizedWhitespace):
                return space.last_line.value
    return ""


def plain(dot: cst.Dot | cst.MaybeSentinel) -> cst.Dot:
    """A dot with no space around it, but for the comments that stand above it on lines of their own."""
    space = dot.whitespace_before if isinstance(dot, cst.Dot) else NOTHING
    if isinstance(space, cst.ParenthesizedWhitespace) and any(line.comment for line in space.empty_lines):
        first = space.first_line.with_changes(whitespace=NOTHING, comment=None)
        return cst.Dot(whitespace_before=space.with_changes(first_line=first))
    return cst.Dot()


def comment_behind(dot: cst.Dot | cst.MaybeSentinel) -> cst.TrailingWhitespace:
    """The end of the line in front of a dot, with the comment there."""
    space = dot.whitespace_before if isinstance(dot, cst.Dot) else NOTHING
    if isinstance(space, cst.ParenthesizedWhitespace):
        return space.first_line
    return cst.TrailingWhitespace()


def too_long(node: cst.CSTNode, value: cst.BaseExpression, more: int, site: Site) -> str | None:
    """The indentation, inside its statement, of the line a chain stands on, if `value` is too long to be put there.

    `more` is what stands around the value. A line with a comment, which may be meant for a tool, stays in one piece.
    """
    code = site.new_code(value)
    if "\n" in code or not isinstance(site.parent(node), cst.Assign | cst.AnnAssign | cst.Return | cst.Expr):
        return None
    number, column = site.place(node)
    before = site.text.splitlines()[number - 1]
    behind = before[column:].removeprefix(site.code_for(node).partition("\n")[0])
    if "#" in behind or column + more + len(code) + len(behind) <= WIDTH:
        return None
    depth = before[: len(before) - len(before.lstrip())]
    return depth.removeprefix(site.indent(node))


def broken(value: cst.BaseExpression, room: int, indent: str, site: Site) -> cst.BaseExpression:
    """A chain with each method on a line of its own, if it is longer than there is room."""
    if len(site.new_code(value)) <= room:
        return value
    links: list[cst.Call] = []
    inner = value
    while (
        isinstance(inner, cst.Call) and isinstance(inner.func, cst.Attribute) and isinstance(inner.func.value, cst.Call)
    ):
        links.append(inner)
        inner = inner.func.value
    for link in reversed(links):
        assert isinstance(link.func, cst.Attribute)
        dot = cst.Dot(whitespace_before=line(indent))
        inner = link.with_changes(func=link.func.with_changes(value=inner, dot=dot))
    return inner


def line(indent: str, end: cst.TrailingWhitespace | None = None) -> cst.ParenthesizedWhitespace:
    """A new line inside brackets."""
    return cst.ParenthesizedWhitespace(
        first_line=end or cst.TrailingWhitespace(), indent=True, last_line=cst.SimpleWhitespace(indent)
    )


def wrapped(
    func: cst.BaseExpression, value: cst.BaseExpression, indent: str, end: cst.TrailingWhitespace | None, site: Site
) -> cst.Call:
    """`func(value)` with the value on lines of its own, one step deeper than `indent`."""
    step = site.default_indent
    inner = value.visit(Deeper(step))
    assert isinstance(inner, cst.BaseExpression)
    return cst.Call(
        func,
        [cst.Arg(inner, whitespace_after_arg=line(indent, end))],
        whitespace_before_args=line(indent + step),
    )
