"""Which bindings of a name can be the one that is read at a place: branches, loops and early exits understood."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from ..index.facts import Binding, Block

_OWN = ("comprehension", "lambda")
"""Blocks whose names are seen inside only."""


class Reach(Struct, frozen=True):
    """`certain`: one of the bindings is always met, so nothing before the scope's start (a parameter) shows."""

    bindings: tuple[Binding, ...]
    certain: bool


def block_at(blocks: Sequence[Block], line: int, column: int) -> int:
    """The innermost block around a position (children come after their parents, siblings never overlap)."""
    at = (line, column)
    for index in range(len(blocks) - 1, 0, -1):
        pos = blocks[index].pos
        if (pos.line, pos.column) <= at < (pos.end_line, pos.end_column):
            return index
    return 0


def chain(blocks: Sequence[Block], block: int) -> list[int]:
    """A block and those around it, innermost first."""
    found = []
    while block >= 0:
        found.append(block)
        block = blocks[block].parent
    return found


def reaching(bindings: Sequence[Binding], blocks: Sequence[Block], block: int, line: int, column: int) -> Reach:
    """The bindings of one name (sorted by position) that a read in `block` at a position can see.

    The last binding that certainly ran hides all before it; those in branches between them add to it, except
    branches that exclude the reader's own, or that leave (return, raise) before they get here.
    """
    around = chain(blocks, block)
    inside = set(around)
    groups = {blocks[b].group: b for b in around if blocks[b].group >= 0}
    loops = [b for b in around if blocks[b].kind == "loop"]
    found: list[Binding] = []
    late: list[Binding] = []
    for binding in reversed(bindings):
        home = binding.block
        if blocks[home].kind in _OWN and binding.how != "walrus":
            if home in inside:
                return Reach((binding,), True)
            continue
        if (binding.line, binding.column) >= (line, column):
            if loops and binding.how != "narrow" and not inside.isdisjoint(loops):
                path = chain(blocks, home)
                if any(b in loops for b in path):
                    late.append(binding)
            continue
        if home in inside:
            found.append(binding)
            return Reach((*reversed(late), *reversed(found)), True)
        if binding.how == "narrow":
            continue
        if _comes_here(blocks, home, inside, groups):
            found.append(binding)
    return Reach((*reversed(late), *reversed(found)), False)


def _comes_here(blocks: Sequence[Block], home: int, inside: set[int], groups: dict[int, int]) -> bool:
    while home not in inside:
        one = blocks[home]
        if one.leaves:
            return False
        if one.group >= 0 and one.group in groups:
            return False
        home = one.parent
    return True
