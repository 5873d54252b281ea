"""One parsed file as a rule sees it."""

from __future__ import annotations

import ast
import io
import tokenize
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from copy import copy
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar, cast

from .config import Config
from .index.extract import expression
from .index.facts import Class, FileFacts, Function
from .index.project import FunctionSymbol, Project
from .infer import Inference, Site
from .infer.flow import block_at
from .model import Place, Span
from .nodes import FIELDS, every
from .types import Type

_Node = TypeVar("_Node", bound=ast.AST)

_INSIDE = {
    kind: names
    for kind, names in FIELDS.items()
    if kind not in (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
}
"""The same of what `walk` enters."""


_position = attrgetter("lineno", "col_offset")
"""Where a node begins; those of classes without `_attributes` stand nowhere of their own."""


_NAMED = (ast.Call, ast.Attribute, ast.Name)


def aliases_of(facts: FileFacts) -> dict[str, set[str]]:
    """What a file imports under another name: the name here -> the names there."""
    found: dict[str, set[str]] = {}
    for scope in facts.scopes:
        for one in scope.imports:
            if one.attr and one.attr != one.name:
                found.setdefault(one.name, set()).add(one.attr)
    return found


def called_in(facts: FileFacts) -> set[str]:
    """The names that a file's calls are written with: `File.written` finds calls for these alone."""
    aliases = aliases_of(facts)
    return {*facts.called, *[name for local in aliases for name in aliases[local]]}


class Note(NamedTuple):
    """What became of one place a rule had to decide on."""

    code: str
    verdict: str
    """undecided, typed (the rule's own business) or other (certainly not)."""
    place: Place


class File:
    """A file, its tree, and the project around it. Checkers get one with each node; they never read the disk."""

    def __init__(
        self, path: str, text: str, tree: ast.Module, facts: FileFacts, types: Inference, config: Config
    ) -> None:
        self.path = path
        self.text = text
        self.tree = tree
        self.facts = facts
        self.types = types
        self.config = config
        self.notes: list[Note] = []
        self._sorted: dict[type[ast.AST], list[ast.AST]] = {}
        self._written: dict[type[ast.AST], dict[str, list[ast.AST]]] = {}

    def anew(self, types: Inference, config: Config) -> File:
        """The same file, with what is known of its text alone, in a project of which other files may have changed."""
        other = copy(self)
        other.types, other.config, other.notes = types, config, []
        return other

    def undecided(self, node: ast.AST, code: str, why: str) -> None:
        """Note a place where a rule would have something to say if it knew a type that stayed Unknown."""
        self.notes.append(Note(code, "undecided", self.place(node, why)))

    def decided(self, node: ast.AST, code: str, verdict: str) -> None:
        """Note a place a rule looked at and decided (`typed`, `other`), so that the undecided can be weighed."""
        self.notes.append(Note(code, verdict, self.place(node, "")))

    @property
    def project(self) -> Project:
        """All files of the run, linked by name."""
        return self.types.project

    @property
    def module(self) -> str:
        """The dotted name of the module."""
        return self.facts.module

    # What an expression is

    def type_of(self, node: ast.expr) -> Type:
        """The type of an expression where it stands; Unknown rather than a guess."""
        return self.types.type_of(expression(node), self.site(node))

    def qualname(self, node: ast.expr) -> str | None:
        """The canonical qualified name an expression refers to.

        `sa.Column`, `Column` and `C` after `from sqlalchemy import Column as C` all give `sqlalchemy.Column`, the
        place it is defined in, however often it was re-exported; a class of the project is `pkg.module.Class`.
        None for anything that is not a plain reference to a class, function, module or module-level name.
        """
        return self.types.qualname(expression(node), self.site(node))

    def annotation(self, node: ast.expr) -> Type:
        """The type of the objects that an annotation describes: strings parsed, aliases followed."""
        return self.types.annotation(expression(node), self.site(node))

    # Where a node stands

    @cached_property
    def _functions(self) -> dict[tuple[int, int], Function]:
        return {(f.pos.line, f.pos.column): f for f in self.facts.functions}

    @cached_property
    def _classes(self) -> dict[tuple[int, int], Class]:
        return {(c.pos.line, c.pos.column): c for c in self.facts.classes}

    @cached_property
    def _bodies(self) -> list[tuple[int, int, Function | Class]]:
        """Bodies by where they start: children come after their parents."""
        both: list[Function | Class] = [*self.facts.functions, *self.facts.classes]
        return sorted(
            [(b.body.line, b.body.column, b) for b in both],
            key=lambda b: (b[0], b[1], b[2].pos.line, b[2].pos.column),
        )

    def _inside(self, line: int, column: int) -> Function | Class | None:
        """The innermost function or class whose body holds a position."""
        at = (line, column)
        index = bisect_right(self._bodies, at, key=lambda b: (b[0], b[1]))
        for _, _, one in reversed(self._bodies[:index]):
            if at < (one.body.end_line, one.body.end_column):
                return one
        return None

    def site(self, node: ast.AST) -> Site:
        """Where a node is read."""
        line, column = node.lineno, node.col_offset  # type: ignore[attr-defined]
        inside = self._inside(line, column)
        function: Function | None = None
        klass: Class | None = None
        scope = self.facts.scope
        if isinstance(inside, Class):
            klass, scope = inside, inside.scope
            if inside.parent:
                symbol = self.project.function(f"{self.module}.{inside.parent}")
                function = symbol.facts if symbol is not None else None
        elif inside is not None:
            function, scope = inside, inside.scope
        block = block_at(scope.blocks, line, column)
        return Site(self.facts, function, klass, block, line, column)

    def class_at(self, node: ast.AST) -> Class | None:
        """The facts of a ClassDef node, or of the innermost class whose body directly holds another node."""
        if isinstance(node, ast.ClassDef):
            return self._classes.get((node.lineno, node.col_offset))
        inside = self._inside(node.lineno, node.col_offset)  # type: ignore[attr-defined]
        if isinstance(inside, Class):
            return inside
        while inside is not None and not inside.owner:
            inside = next((f for f in self.facts.functions if f.qualname == inside.parent), None)
        if inside is None:
            return None
        return next((c for c in self.facts.classes if c.qualname == inside.owner), None)

    def function_at(self, node: ast.AST) -> Function | None:
        """The facts of a function node, or of the innermost function whose body holds another node."""
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return self._functions.get((node.lineno, node.col_offset))
        inside = self._inside(node.lineno, node.col_offset)  # type: ignore[attr-defined]
        if isinstance(inside, Class):
            return next((f for f in self.facts.functions if f.qualname == inside.parent), None)
        return inside

    def symbol_at(self, node: ast.AST) -> str:
        """`Class.method` around a node, for messages and fingerprints; empty at module level."""
        if isinstance(node, ast.Module):
            return ""
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found: Function | Class | None = self._classes.get((node.lineno, node.col_offset)) or self._functions.get(
                (node.lineno, node.col_offset)
            )
        else:
            found = self._inside(node.lineno, node.col_offset)  # type: ignore[attr-defined]
        return found.qualname if found is not None else ""

    def qualified(self, one: Function | Class) -> str:
        """The qualified name, module included, of a function or class of this file."""
        return f"{self.module}.{one.qualname}"

    def function_symbol(self, one: Function) -> FunctionSymbol:
        """A function of this file as the project knows functions: this definition of its name, and no other."""
        return FunctionSymbol(self.qualified(one), self.facts, one, (one,))

    @cached_property
    def _by_kind(self) -> dict[type[ast.AST], list[ast.AST]]:
        found: defaultdict[type[ast.AST], list[ast.AST]] = defaultdict(list)
        for node in every(self.tree):
            found[node.__class__].append(node)
        return found

    def nodes(self, kind: type[_Node]) -> list[_Node]:
        """The nodes of one class (itself, not those below it) in the whole tree, in source order.

        The tree is gone through once for all kinds and rules. Operators, contexts and the like are left out.
        """
        found = self._sorted.get(kind)
        if found is None:
            found = self._by_kind.get(kind, [])
            if len(found) > 1 and kind._attributes:
                found.sort(key=_position)
            self._sorted[kind] = found
        return cast("list[_Node]", found)

    def written(self, kind: type[_Node], names: frozenset[str]) -> list[_Node]:
        """The calls, attributes or names of the tree that are written with one of some names, in source order.

        `f` finds `f(...)`, `x.f(...)`, and `g(...)` after `from m import f as g`; `key=` the calls with an argument of
        that name. Nodes of other classes are not written with names: all of them are given.
        """
        if kind not in _NAMED:
            return self.nodes(kind)
        index = self._written.get(kind)
        if index is None:
            index = self._written[kind] = self._index_of(kind)
        lists = [index[name] for name in names if name in index]
        if len(lists) < 2:
            return cast("list[_Node]", lists[0] if lists else [])
        found = {id(node): node for nodes in lists for node in nodes}
        return cast("list[_Node]", sorted(found.values(), key=_position))

    def _index_of(self, kind: type[ast.AST]) -> dict[str, list[ast.AST]]:
        found: defaultdict[str, list[ast.AST]] = defaultdict(list)
        aliases = aliases_of(self.facts)
        for node in self.nodes(kind):
            named: Any = node.func if isinstance(node, ast.Call) else node
            if named.__class__ is ast.Attribute:
                found[named.attr].append(node)
            elif named.__class__ is ast.Name:
                found[named.id].append(node)
                for name in aliases.get(named.id, ()):
                    found[name].append(node)
            if isinstance(node, ast.Call):
                for keyword in node.keywords:
                    if keyword.arg is not None:
                        found[keyword.arg + "="].append(node)
        return found

    @cached_property
    def _parents(self) -> dict[int, ast.AST]:
        found: dict[int, ast.AST] = {}
        for node in (node for nodes in self._by_kind.values() for node in nodes):
            for name in FIELDS[node.__class__]:
                value: Any = getattr(node, name, None)
                if value.__class__ is list:
                    for child in value:
                        found[id(child)] = node
                elif value is not None:
                    found[id(value)] = node
        return found

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The node that directly holds a node of this tree; None for the module."""
        return self._parents.get(id(node))

    def walk(self, node: ast.AST) -> Iterator[ast.AST]:
        """A node and all below it in source order, without nested functions, classes, lambdas, and operators."""
        stack = [(node, FIELDS[node.__class__])]
        while stack:
            node, names = stack.pop()
            yield node
            children: list[Any] = []
            for name in names:
                value: Any = getattr(node, name, None)
                if value.__class__ is list:
                    children += value
                else:
                    children.append(value)
            for child in reversed(children):
                inside = _INSIDE.get(child.__class__)
                if inside is not None:
                    stack.append((child, inside))

    # Text

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the text as Python counts them, with their ends."""
        return list(io.StringIO(self.text, newline=""))

    @cached_property
    def _starts(self) -> list[int]:
        """The offset in bytes of each line's start."""
        starts, offset = [], 0
        for line in self.lines:
            starts.append(offset)
            offset += len(line) if line.isascii() else len(line.encode())
        starts.append(offset)
        return starts

    def _column(self, line: int, column: int) -> int:
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return column if text.isascii() else len(text.encode()[:column].decode(errors="ignore"))

    def span(self, node: ast.AST) -> Span:
        """The span of a node of this tree; of a module: its first character."""
        if isinstance(node, ast.Module):
            return Span(0, 0, 1, 1, 1, 1)
        line, column = node.lineno, node.col_offset  # type: ignore[attr-defined]
        end_line, end_column = node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]
        return self.stretch(line, column, end_line, end_column)

    def stretch(self, line: int, column: int, end_line: int, end_column: int) -> Span:
        """The span between two positions given as `ast` gives them."""
        return Span(
            self._starts[line - 1] + column,
            self._starts[end_line - 1] + end_column,
            line,
            self._column(line, column) + 1,
            end_line,
            self._column(end_line, end_column) + 1,
        )

    def header(self, node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> Span:
        """The span of the name in a `class` or `def` statement: what to underline of it."""
        line, column = node.lineno, node.col_offset
        text = self.lines[line - 1].encode()
        at = text.find(node.name.encode(), column)
        if at < 0:
            return self.span(node)._replace(end_line=line, end_column=len(self.lines[line - 1].rstrip()) + 1)
        return self.stretch(line, at, line, at + len(node.name.encode()))

    def place(self, node: ast.AST, message: str) -> Place:
        """A node as a related location."""
        span = self.span(node)
        return Place(self.path, span.line, span.column, message)

    def segment(self, node: ast.AST) -> str:
        """The source text of a node."""
        span = self.span(node)
        if self.text.isascii():
            return self.text[span.start : span.end]
        return self.text.encode()[span.start : span.end].decode()

    @cached_property
    def comments(self) -> dict[int, str]:
        """Line -> the comment that ends it; empty where the text has no `#` at all."""
        if "#" not in self.text:
            return {}
        found = {}
        try:
            for token in tokenize.generate_tokens(io.StringIO(self.text, newline="").readline):
                if token.type == tokenize.COMMENT:
                    found[token.start[0]] = token.string
        except (tokenize.TokenError, IndentationError, SyntaxError):
            return found
        return found

    def has_comment(self, node: ast.AST) -> bool:
        """Whether a comment stands on a node's lines."""
        span = self.span(node)
        return any(line in self.comments for line in range(span.line, span.end_line + 1))
