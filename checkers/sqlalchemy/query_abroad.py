"""Queries that one file gets from functions of another: which calls give one, and what it selects."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property

from trueup.file import File
from trueup.index.extract import expression
from trueup.index.facts import Call, FileFacts, Function
from trueup.infer import Inference
from trueup.libraries.sqlalchemy.given import GUESSED
from trueup.libraries.sqlalchemy.handed import Giver, givers, session_at
from trueup.libraries.sqlalchemy.taken import Taker, annotated_takers, position, taker
from trueup.types import Callee

from .query_items import Item, Kind
from .query_shapes import Shape, written_name


def may_hold(facts: FileFacts, types: Inference) -> bool:
    """Whether a file makes queries, or gets some from other files."""
    if "query" in facts.attributes or any(facts.path in one.files for one in givers(types).values()):
        return True
    return facts.path in annotated_takers(types).values()


class Abroad:
    """What a file has of the queries that are handed between files."""

    def __init__(self, file: File) -> None:
        self.file = file
        self._givers = givers(file.types)

    def giver(self, function: Function) -> Giver | None:
        """What is known of a function of this file, if its queries are got elsewhere."""
        return self._givers.get(self.file.qualified(function)) if self._givers else None

    @cached_property
    def _places(self) -> dict[tuple[int, int, int, int], tuple[Giver, bool]]:
        return {
            (place.line, place.column, place.end_line, place.end_column): (giver, place.consumed)
            for giver in self._givers.values()
            if not giver.why
            for place in giver.calls
            if place.path == self.file.path
        }

    @cached_property
    def calls(self) -> dict[int, tuple[ast.Call, Giver, bool]]:
        """id of a call -> the call, what it gives, and whether that is run in this file."""
        found = {}
        for node in self.file.nodes(ast.Call) if self._places else ():
            known = self._places.get((node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0))
            if known is not None:
                found[id(node)] = (node, *known)
        return found

    def shape(self, call: ast.Call) -> Shape:
        """What a call gives."""
        _, giver, _ = self.calls[id(call)]
        read = expression(call)
        assert isinstance(read, Call)
        session = session_at(self.file.types, giver, read, self.file.site(call))
        items = [self._item(cls, giver, call) for cls in giver.entities]
        doubts = tuple([item.doubt for item in items if item.doubt])
        return Shape(
            tuple(items),
            joined=giver.joined,
            last=None if giver.spelled else "",
            spelled=giver.spelled,
            used=frozenset(giver.used),
            session=session,
            doubts=doubts,
        )

    def taken(self, call: ast.Call) -> tuple[Taker, ast.expr] | None:
        """The function that a call gives a query to go on with, and what it gives it; None where it calls no such."""
        found = self.file.type_of(call.func)
        one = taker(self.file.types, found.qualname) if isinstance(found, Callee) else None
        symbol = self.file.project.function(one.qualname) if one is not None else None
        if one is None or symbol is None:
            return None
        for keyword in call.keywords:
            if keyword.arg == one.param:
                return one, keyword.value
        index = position(symbol, one.param, isinstance(call.func, ast.Attribute))
        before = call.args[: index + 1]
        if index < 0 or len(before) <= index or any(isinstance(arg, ast.Starred) for arg in before):
            return None
        return one, before[index]

    def annotated(self) -> Iterator[ast.FunctionDef]:
        """The functions of this file that say they take a `Query`, and can take a statement."""
        names = [name for name, path in annotated_takers(self.file.types).items() if path == self.file.path]
        for node in self.file.nodes(ast.FunctionDef) if names else ():
            function = self.file.function_at(node)
            if function is not None and self.file.qualified(function) in names:
                yield node

    def _item(self, cls: str, giver: Giver, call: ast.Call) -> Item:
        if cls == GUESSED:
            doubt = f"what `{giver.name}()` selects is not known; by its name it is taken for a mapped class"
            return Item(Kind.ENTITY, "", doubt=doubt)
        return Item(Kind.ENTITY, written_name(cls, self.file, call) or "", cls) if cls else Item(Kind.COLUMN, "")
