"""The body of one scope while it is read, and where things stand in it."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from .facts import (
    Binding,
    Block,
    CallSite,
    Expr,
    Field,
    Import,
    Pos,
    Scope,
)

Def = ast.FunctionDef | ast.AsyncFunctionDef


class Body:
    """The body of one scope while it is read."""

    def __init__(self, pos: Pos) -> None:
        self.blocks: list[tuple[int, int, str, bool, Pos]] = [(-1, -1, "body", False, pos)]
        self.bindings: list[Binding] = []
        self.imports: list[Import] = []
        self.calls: list[CallSite] = []
        self.stars: list[str] = []
        self.returned: list[tuple[Expr, int, int]] = []
        self.yielded: list[tuple[Expr, int, int]] = []
        self.changes: list[tuple[Expr, int, int]] = []
        self.groups = 0
        self.awaits = 0
        self.generates = False
        self.owner = ""
        """The class this is the body of."""
        self.parent = ""
        """The function this is the body of."""
        self.self_name = ""
        """The first parameter of a method: assignments to its attributes belong to the class."""
        self.attributes: list[Field] = []
        self.fields: list[Field] | None = None

    def block(self, parent: int, kind: str, pos: Pos, group: int = -1) -> int:
        self.blocks.append((parent, group, kind, False, pos))
        return len(self.blocks) - 1

    def mark(self, block: int, leaves: bool) -> None:
        if leaves:
            parent, group, kind, _, pos = self.blocks[block]
            self.blocks[block] = (parent, group, kind, True, pos)

    def group(self) -> int:
        self.groups += 1
        return self.groups

    def freeze(self) -> Scope:
        return Scope(
            tuple([Block(*b) for b in self.blocks]),
            tuple(self.bindings),
            tuple(self.imports),
            tuple(self.calls),
            tuple(self.stars),
        )


def position(node: Any) -> Pos:
    """Where a node stands."""
    return Pos(node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)


def stretch(nodes: Sequence[ast.stmt]) -> Pos:
    """From the first statement, its decorators included, to the end of the last."""
    first, last = nodes[0], nodes[-1]
    line = first.lineno
    if isinstance(first, Def | ast.ClassDef) and first.decorator_list:
        line = first.decorator_list[0].lineno
    return Pos(line, first.col_offset, last.end_lineno or 0, last.end_col_offset or 0)
