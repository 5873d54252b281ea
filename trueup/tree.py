"""One file's libcst tree, and where each of its nodes stands in the text."""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from itertools import accumulate
from types import TracebackType
from typing import Any, TypeAlias

import libcst as cst
from libcst._nodes.internal import CodegenState

from .edits import NEWLINE, Lines, newline_before
from .model import Span
from .outline import LeftOut, outline_of

_Line: TypeAlias = cst.SimpleStatementLine | cst.BaseCompoundStatement


class Unreadable(Exception):
    """libcst cannot read a text, or would not write it back as it was; the text says which."""


class Recorder(CodegenState):
    """Writes nodes, and notes for each where it begins and ends.

    Places are indexes into `tokens`; `at` gives their offsets once `finish` has been called. libcst's own provider of
    spans does the same at a quarter of the speed.
    """

    def __init__(self, default_indent: str, default_newline: str, indent: str = "") -> None:
        super().__init__(default_indent, default_newline)
        if indent:
            self.increase_indent(indent)
        self.outer: dict[int, tuple[int, int]] = {}
        """id of a node -> its stretch with parentheses, commas, leading lines and whatever else it owns."""
        self.inner: dict[int, tuple[int, int]] = {}
        """id of a node -> its stretch as `ast` counts it, for the nodes where that is less."""
        self.nodes: list[cst.CSTNode] = []
        """Every node, parents first."""
        self.parents: dict[int, cst.CSTNode] = {}
        self.comments: list[tuple[int, str]] = []
        """(place, text) of each comment."""
        self.at: list[int] = []
        """Place -> offset in characters."""
        self._open: list[cst.CSTNode] = []
        self._starts: list[int] = []

    def write(self, node: cst.CSTNode) -> None:
        """Write a node."""
        node._codegen(self)  # pyright: ignore[reportPrivateUsage]  # what Module.code calls

    def before_codegen(self, node: cst.CSTNode) -> None:
        if self._open:
            self.parents[id(node)] = self._open[-1]
        self._open.append(node)
        self._starts.append(len(self.tokens))
        self.nodes.append(node)
        if type(node) is cst.Comment:
            self.comments.append((len(self.tokens), node.value))

    def after_codegen(self, node: cst.CSTNode) -> None:
        self._open.pop()
        self.outer[id(node)] = (self._starts.pop(), len(self.tokens))

    def record_syntactic_position(  # type: ignore[override]  # libcst only ever enters it
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> AbstractContextManager[None]:
        return _Inner(self, node, start_node, end_node)

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """The places between which a node stands as `ast` counts it."""
        return self.inner.get(id(node)) or self.outer[id(node)]

    def own(self, node: cst.CSTNode) -> list[int]:
        """The places of the tokens that a node wrote itself: brackets, keywords."""
        place, end = self.outer[id(node)]
        found: list[int] = []
        inside = [self.outer[id(one)] for one in children(node) if self.parents.get(id(one)) is node]
        for first, last in sorted(inside):
            found += range(place, first)
            place = max(place, last)
        return [*found, *range(place, end)]

    def finish(self) -> str:
        """Count the characters; returns all that was written."""
        self.at = list(accumulate(map(len, self.tokens), initial=0))
        return "".join(self.tokens)


def children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The nodes that a node holds directly."""
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, cst.CSTNode):
            yield value
        elif isinstance(value, list | tuple):
            yield from value


class _Inner(AbstractContextManager[None]):
    """Notes the stretch of a node between entering and leaving."""

    __slots__ = ("_first", "_last", "_node", "_recorder", "_start")

    def __init__(
        self, recorder: Recorder, node: cst.CSTNode, first: cst.CSTNode | None, last: cst.CSTNode | None
    ) -> None:
        self._recorder = recorder
        self._node = node
        self._first = first
        self._last = last

    def __enter__(self) -> None:
        self._start = len(self._recorder.tokens)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            recorder = self._recorder
            start = self._start if self._first is None else recorder.span(self._first)[0]
            end = len(recorder.tokens) if self._last is None else recorder.span(self._last)[1]
            recorder.inner[id(self._node)] = (start, end)


@dataclass(slots=True)
class _Part:
    """A line of small statements, or a compound statement."""

    node: _Line
    tree: ast.stmt
    """The compound statement, or the first of the line, as `ast` has it."""
    head: int
    """Where that begins: behind the decorators."""
    start: int
    """Where it begins with its decorators."""
    end: int
    """Where the last statement of the line ends."""
    indent: str
    inside: _Parts | None = None
    nodes: dict[tuple[int, int], list[cst.CSTNode]] | None = None
    """Span -> the nodes of the part that have it, innermost last; None until the part has been written."""
    fault: str = ""
    """Why it cannot be written."""


class _Parts:
    """Consecutive parts."""

    def __init__(self, parts: list[_Part]) -> None:
        self.parts = parts
        self._ends = [part.end for part in parts]

    def around(self, start: int, end: int) -> _Part | None:
        """The part that holds a stretch."""
        index = bisect_left(self._ends, end)
        return self.parts[index] if index < len(self.parts) and self.parts[index].start <= start else None


class Tree:
    """A text and its libcst tree; offsets are in characters of the text.

    Where nodes stand is found out by writing them. To write a file takes as long as to parse it; so only the
    statements that are asked about are written. Where a statement begins is known from `ast`, which has the same
    statements in the same order.
    """

    def __init__(self, text: str, tree: ast.Module, wanted: Sequence[Span] = ()) -> None:
        """`tree` is the same text, parsed by `ast`. Raises Unreadable.

        With `wanted`, only what stands there and around it is parsed: whatever else is asked then raises LeftOut.
        """
        self.text = text
        self.lines = Lines(text)
        self._outline = outline_of(text, self.lines, tree, wanted) if wanted else None
        try:
            self.module = cst.parse_module(text if self._outline is None else self._outline.text)
        except cst.ParserSyntaxError as error:
            if self._outline is not None:
                raise LeftOut from error
            raise Unreadable("libcst cannot parse the file") from error
        self._recorder = Recorder(self.module.default_indent, self.module.default_newline)
        self._at: list[int] = []
        """Place in the recorder -> offset in the text."""
        self._comments: list[tuple[int, str]] = []
        """(offset, text) of the comments in what has been written, sorted."""
        self._part_of: dict[int, _Part] = {}
        """id of a statement -> its part."""
        self._places: dict[int, dict[int, int]] = {}
        """id of a body's owner -> id of a statement -> its index."""
        self._parts = _Parts(list(self._divided(self.module, self.module.body, tree.body, "")))

    # Dividing

    def _divided(
        self, owner: cst.CSTNode, body: Sequence[cst.CSTNode], tree: Sequence[ast.stmt], indent: str
    ) -> Iterator[_Part]:
        """The parts of a body."""
        count = 0
        for node in body:
            first = count
            count += len(node.body) if isinstance(node, cst.SimpleStatementLine) else 1
            if count > len(tree) or not isinstance(node, _Line):
                break
            head, last = tree[first], tree[count - 1]
            opening = getattr(head, "decorator_list", None) or [head]
            part = self._part_of[id(node)] = _Part(
                node,
                head,
                self.lines.offset(head.lineno, head.col_offset),
                self.lines.offset(opening[0].lineno, opening[0].col_offset),
                self.lines.offset(last.end_lineno or 0, last.end_col_offset or 0),
                indent,
            )
            self._recorder.parents[id(node)] = owner
            yield part
        if count != len(tree):
            raise Unreadable("libcst sees other statements in the file than Python does")

    def _inside(self, part: _Part) -> _Parts:
        """The parts of the blocks of a compound statement."""
        if self._outline is not None and id(part.tree) in self._outline.stubs:
            raise LeftOut
        if part.inside is None:
            found: list[_Part] = []
            for block, body in self._blocks(part.node, part.tree):
                step = self._step(part.node) + self._step(block)
                found += self._divided(block, block.body, body, part.indent + step)
            part.inside = _Parts(found)
        return part.inside

    def _blocks(
        self, node: cst.CSTNode, tree: ast.AST | list[ast.stmt]
    ) -> Iterator[tuple[cst.IndentedBlock, list[ast.stmt]]]:
        """The indented blocks of a compound statement or clause, and the same as `ast` has them."""
        clauses: list[tuple[cst.CSTNode | None, Any]] = []
        match node, tree:
            case (cst.Try() | cst.TryStar(), ast.Try() | ast.TryStar()):
                rest = [(node.orelse, tree.orelse), (node.finalbody, tree.finalbody)]
                clauses = [*zip(node.handlers, tree.handlers, strict=True), *rest]
            case (cst.Match(), ast.Match()):
                clauses = [*zip(node.cases, tree.cases, strict=True)]
            case (cst.If(orelse=cst.If() as other), ast.If()):
                clauses = [(other, tree.orelse[0])]
            case (cst.If() | cst.For() | cst.While(), ast.If() | ast.For() | ast.AsyncFor() | ast.While()):
                clauses = [(node.orelse, tree.orelse)]
        body, held = getattr(node, "body", None), tree if isinstance(tree, list) else getattr(tree, "body", None)
        if isinstance(body, cst.IndentedBlock) and isinstance(held, list):
            self._recorder.parents[id(body)] = node
            yield body, held
        for clause, held in clauses:
            if clause is not None:
                self._recorder.parents[id(clause)] = node
                yield from self._blocks(clause, held)

    # Writing

    def _written(self, part: _Part) -> dict[tuple[int, int], list[cst.CSTNode]]:
        """Find out where the nodes of a part stand. Raises Unreadable."""
        if self._outline is not None and self._outline.hides(part.start, part.end):
            raise LeftOut
        if part.fault:
            raise Unreadable(part.fault)
        if part.nodes is None:
            recorder = self._recorder
            marks = len(recorder.tokens), len(recorder.nodes), len(recorder.comments)
            try:
                self._write(part, *marks)
            except (Unreadable, RecursionError) as error:
                for node in recorder.nodes[marks[1] :]:
                    recorder.outer.pop(id(node), None)
                    recorder.inner.pop(id(node), None)
                del recorder.tokens[marks[0] :], recorder.nodes[marks[1] :], recorder.comments[marks[2] :]
                deep = isinstance(error, RecursionError)
                part.fault = "it is nested too deeply for libcst" if deep else str(error)
                raise Unreadable(part.fault) from error
            part.nodes = {}
            for node in recorder.nodes[marks[1] :]:
                start, end = recorder.span(node)
                part.nodes.setdefault((self._at[start], self._at[end]), []).append(node)
        return part.nodes

    def _write(self, part: _Part, token: int, _node: int, comment: int) -> None:
        """Write a part; the rest says from which of its tokens, nodes and comments on the recorder is concerned."""
        recorder = self._recorder
        owner = recorder.parents[id(part.node)]
        recorder.indent_tokens[:] = [part.indent] if part.indent else []
        recorder.write(part.node)
        recorder.parents[id(part.node)] = owner
        at = list(accumulate(map(len, recorder.tokens[token:]), initial=0))
        head = part.node.body[0] if isinstance(part.node, cst.SimpleStatementLine) else part.node
        base = part.head - at[recorder.span(head)[0] - token]
        code = "".join(recorder.tokens[token:])
        if base + len(code) > len(self.text):  # the last line may lack the newline that libcst writes
            code = code[: -len(newline_before(code, len(code)))]
        if not self.text.startswith(code, base):
            raise Unreadable("libcst would not write the file back as it is")
        recorder.tokens.append("")  # so that no place is both the end of a part and the start of another
        self._at += [min(base + place, base + len(code)) for place in at]
        for place, value in recorder.comments[comment:]:
            entry = (self._at[place], value)
            index = bisect_left(self._comments, entry)
            if self._comments[index : index + 1] != [entry]:  # a part inside this one may have been written before
                self._comments.insert(index, entry)

    def _stretch(self, span: Span) -> tuple[int, int]:
        start = self.lines.start(span.line) + span.column - 1
        return start, self.lines.start(span.end_line) + span.end_column - 1

    def _part_around(self, start: int, end: int) -> _Part | None:
        found, parts = None, self._parts
        while (part := parts.around(start, end)) is not None:
            found, parts = part, self._inside(part)
        return found

    # Asking

    def at(self, span: Span) -> list[cst.CSTNode]:
        """The nodes that have a span, innermost first. Raises Unreadable."""
        start, end = self._stretch(span)
        part = self._part_around(start, end)
        return self._written(part).get((start, end), [])[::-1] if part is not None else []

    def largest(self, span: Span, kinds: tuple[type[cst.CSTNode], ...]) -> cst.CSTNode | None:
        """The largest node of the given types inside a span. Raises Unreadable."""
        start, end = self._stretch(span)
        part = self._part_around(start, end)
        found = [
            (last - first, node)
            for (first, last), nodes in (self._written(part) if part is not None else {}).items()
            if start <= first and last <= end
            for node in nodes
            if isinstance(node, kinds)
        ]
        return max(found, key=lambda one: one[0])[1] if found else None

    @property
    def whole(self) -> cst.Module:
        """The module with all that is in it."""
        if self._outline is not None:
            raise LeftOut
        return self.module

    def is_whole(self, node: cst.CSTNode) -> bool:
        """Whether nothing is left out of a statement, block or module."""
        if self._outline is None:
            return True
        owner = self._recorder.parents[id(node)] if isinstance(node, cst.IndentedBlock) else node
        part = self._part_of.get(id(owner))
        return owner is not self.module and (part is None or not self._outline.hides(part.start, part.end))

    def holds(self, node: cst.CSTNode) -> bool:
        """Whether a node is known to be one of this tree."""
        return id(node) in self._recorder.outer

    def _require(self, node: cst.CSTNode) -> None:
        """Find out where a node stands; ValueError if it is not of this tree. Raises Unreadable."""
        if id(node) in self._recorder.outer:
            return
        if id(node) in self._part_of:
            self._written(self._part_of[id(node)])
            return
        self._write_all(self._parts)
        if id(node) not in self._recorder.outer:
            raise ValueError(f"a {type(node).__name__} that is not of the parsed file")

    def _write_all(self, parts: _Parts) -> None:
        """Find out where all nodes stand that are not left out."""
        for part in parts.parts:
            if self._outline is None or not self._outline.hides(part.start, part.end):
                self._written(part)
            elif id(part.tree) not in self._outline.stubs:
                self._write_all(self._inside(part))

    def outer(self, node: cst.CSTNode) -> tuple[int, int]:
        """The stretch of a node with all it owns: parentheses, comma, leading lines, trailing newline."""
        self._require(node)
        start, end = self._recorder.outer[id(node)]
        return self._at[start], self._at[end]

    def own(self, node: cst.CSTNode) -> list[tuple[int, int]]:
        """The stretches of what a node wrote itself."""
        self._require(node)
        return [(self._at[place], self._at[place + 1]) for place in self._recorder.own(node)]

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """The stretch of a node as `ast` counts it."""
        if node is self.module:
            return 0, len(self.text)
        self._require(node)
        start, end = self._recorder.span(node)
        return self._at[start], self._at[end]

    def source(self, node: cst.CSTNode) -> str:
        """The text of a node as `ast` counts it."""
        start, end = self.span(node)
        return self.text[start:end]

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """The node that directly holds a node; None for the module. ValueError for a node that is not of this tree."""
        if node is self.module:
            return None
        if id(node) not in self._recorder.parents:
            self._require(node)
        return self._recorder.parents[id(node)]

    def places(self, owner: cst.Module | cst.IndentedBlock) -> dict[int, int]:
        """id of a statement of a body -> its index there."""
        if id(owner) not in self._places:
            self._places[id(owner)] = {id(one): index for index, one in enumerate(owner.body)}
        return self._places[id(owner)]

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The nodes around a node, innermost first."""
        while (parent := self.parent(node)) is not None:
            yield parent
            node = parent

    def fstring(self, node: cst.CSTNode) -> cst.FormattedString | None:
        """The innermost f-string around a node."""
        return next((one for one in self.ancestors(node) if isinstance(one, cst.FormattedString)), None)

    def indent(self, node: cst.CSTNode) -> str:
        """The indentation of the statement that is, or holds, a node."""
        return "".join(self._step(one) for one in [*self.ancestors(node)][::-1])

    def _step(self, node: cst.CSTNode) -> str:
        """By how much a node indents what it holds."""
        if isinstance(node, cst.IndentedBlock | cst.Match):
            return self.module.default_indent if node.indent is None else node.indent
        return ""

    def place(self, node: cst.CSTNode) -> tuple[int, int]:
        """Where a node begins as `ast` counts: line from 1, column in bytes."""
        start, _ = self.span(node)
        line = bisect_right(self.lines.starts, start)
        return line, len(self.text[self.lines.starts[line - 1] : start].encode())

    def comments_between(self, start: int, end: int) -> list[str]:
        """The comments that begin in a stretch of statements that have been asked about."""
        low, high = bisect_left(self._comments, (start, "")), bisect_left(self._comments, (end, ""))
        return [comment for _, comment in self._comments[low:high]]

    def comments_of(self, node: cst.CSTNode) -> list[str]:
        """The comments inside a node and behind it on its last line."""
        start, end = self.span(node)
        newline = NEWLINE.search(self.text, end)
        return self.comments_between(start, newline.start() if newline else len(self.text))
