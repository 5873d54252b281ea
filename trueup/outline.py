"""A file without the bodies that no repair is about: libcst parses it in a fraction of the time."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .edits import NEWLINE, Lines
from .model import Span

_LEAST = 5
"""Definitions of fewer lines than this stay: a stub is no shorter."""


class LeftOut(Exception):
    """Something is asked that only the whole file can tell."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A text in which stubs stand for some classes and functions, each of the same kind in the same place."""

    text: str
    stubs: frozenset[int]
    """ids of the statements that stubs stand for."""
    starts: tuple[int, ...]
    """Where these begin in the text as it was, behind the `@` of decorators, in characters, sorted."""

    def hides(self, start: int, end: int) -> bool:
        """Whether a stub stands for something in a stretch of the text as it was."""
        index = bisect_left(self.starts, start)
        return index < len(self.starts) and self.starts[index] < end


def outline_of(text: str, lines: Lines, tree: ast.Module, wanted: Sequence[Span]) -> Outline | None:
    """The outline that shows what stands at `wanted`, and all that is no class or function; None if nothing is gained.

    A class stays with those of its methods that are wanted, if only methods of it are.
    """
    rows = sorted({(span.line, span.end_line) for span in wanted})
    found = [(stub, *_stretch(stub, lines)) for stub in _unwanted(tree.body, rows, lines)]
    if sum(end - start for _, start, end in found) < len(text) // 4:
        return None
    first = NEWLINE.search(text)
    newline = first[0] if first is not None else "\n"
    parts, at = list[str](), 0
    for stub, start, end in found:
        head = "class _:" if isinstance(stub, ast.ClassDef) else "def _():"
        parts += [text[at:start], head, newline, lines.indent(_first_row(stub.body[0])), "pass"]
        at = end
    parts.append(text[at:])
    starts = (min([one, *one.decorator_list], key=lambda node: node.lineno) for one, _, _ in found)
    return Outline(
        "".join(parts),
        frozenset(id(stub) for stub, _, _ in found),
        tuple(lines.offset(first.lineno, first.col_offset) for first in starts),
    )


_Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def _unwanted(body: Sequence[ast.stmt], rows: Sequence[tuple[int, int]], lines: Lines) -> Iterator[_Definition]:
    """The definitions of a body, and of the classes in it, in which nothing is wanted."""
    for one in body:
        if not isinstance(one, _Definition):
            continue
        first, last = _first_row(one), one.end_lineno or one.lineno
        inside = [row for row in rows if row[0] <= last and first <= row[1]]
        if not inside:
            if last - first >= _LEAST and _has_block(one, lines):
                yield one
        elif isinstance(one, ast.ClassDef):
            held = [(_first_row(member), member.end_lineno or member.lineno) for member in one.body]
            if all(any(a <= start and end <= b for a, b in held) for start, end in inside):
                yield from _unwanted(one.body, inside, lines)


def _first_row(one: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(one, "decorator_list", [])
    return min([one.lineno, *(decorator.lineno for decorator in decorators)])


def _stretch(one: _Definition, lines: Lines) -> tuple[int, int]:
    row = _first_row(one)
    start = lines.start(row) + len(lines.indent(row))
    return start, lines.offset(one.end_lineno or 0, one.end_col_offset or 0)


def _has_block(one: _Definition, lines: Lines) -> bool:
    """Whether a definition begins its line, and its body lines of its own."""
    begins = all(
        lines.offset(stmt.lineno, stmt.col_offset) == lines.start(stmt.lineno) + len(lines.indent(stmt.lineno))
        for stmt in (one, one.body[0])
    )
    return begins and _first_row(one.body[0]) > one.lineno
