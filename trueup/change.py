"""What a fixer says and asks: changes of a libcst tree, and the place in the file where they are made."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import libcst as cst

from .additions import Addition, Definition
from .imports import AddImport, DropImport
from .model import Span
from .outline import LeftOut

if TYPE_CHECKING:
    from .names import Names
    from .tree import Tree

__all__ = [
    "AddImport",
    "Addition",
    "CannotFix",
    "Change",
    "Definition",
    "DropImport",
    "InsertAfter",
    "InsertBefore",
    "InsertFirst",
    "Remove",
    "Replace",
    "Site",
    "Statement",
    "keyword",
]

_Node = TypeVar("_Node", bound=cst.CSTNode)

Statement: TypeAlias = cst.SimpleStatementLine | cst.BaseCompoundStatement | cst.BaseSmallStatement
"""What `InsertBefore` and friends put between statements: a small statement gets a line of its own."""


class CannotFix(Exception):
    """A fixer raises it where it cannot repair after all; the text says why, for a person."""


class Replace:
    """Put another node, or several where a list of nodes stands, in the place of a node.

    The engine compares by identity: parts of the old node that stand in the new one (`node.with_changes(...)`) are
    left alone byte for byte, and other fixes may go on in them. Parentheses, commas, semicolons, blank lines and the
    comments above and behind the old node stay unless the new one brings its own; parentheses are added where the
    new expression binds too loosely for its place. A small statement may become a compound one, or several.
    """

    def __init__(self, node: cst.CSTNode, *new: cst.CSTNode) -> None:
        if not new:
            raise ValueError("nothing to put in its place: use Remove")
        self.node = node
        self.new = new


class Remove:
    """Take a node away, with the comma or the blank lines that belonged to it; an emptied body gets a `pass`.

    `above`: of a statement also the comments right above it, which else stay.
    """

    def __init__(self, node: cst.CSTNode, *, above: bool = False) -> None:
        self.node = node
        self.above = above


class InsertBefore:
    """Put statements in front of a statement and of the comments right above it (or other nodes into a list)."""

    def __init__(self, node: cst.CSTNode, *new: cst.CSTNode) -> None:
        self.node = node
        self.new = new


class InsertAfter:
    """Put statements behind a statement, or arguments, decorators, elements... behind another one."""

    def __init__(self, node: cst.CSTNode, *new: cst.CSTNode) -> None:
        self.node = node
        self.new = new


class InsertFirst:
    """Put statements at the top of the body of a class or function, behind its docstring."""

    def __init__(self, owner: cst.ClassDef | cst.FunctionDef, *new: Statement) -> None:
        self.owner = owner
        self.new = new


def keyword(name: str, value: cst.BaseExpression) -> cst.Arg:
    """The argument `name=value`, written without the blanks that libcst puts around the `=`."""
    blank = cst.SimpleWhitespace("")
    equal = cst.AssignEqual(whitespace_before=blank, whitespace_after=blank)
    return cst.Arg(value=value, keyword=cst.Name(name), equal=equal)


Change: TypeAlias = Replace | Remove | InsertBefore | InsertAfter | InsertFirst | AddImport | DropImport | Addition


class Site:
    """One place to be repaired, and the file around it. Every node it takes must be one of the parsed file."""

    def __init__(self, tree: Tree, node: cst.CSTNode, names: Names, pending: dict[str, tuple[str, str]]) -> None:
        self._tree = tree
        self._node = node
        self._names = names
        self._pending = pending
        self.imports: list[AddImport] = []
        """The imports that `name_for` has found to be needed; the engine adds them if the fix is made."""

    @property
    def module(self) -> cst.Module:
        """The whole file."""
        return self._tree.whole

    @property
    def text(self) -> str:
        """The text of the file."""
        return self._tree.text

    @property
    def newline(self) -> str:
        """The newline of new lines."""
        return self._tree.module.default_newline

    @property
    def default_indent(self) -> str:
        """One step of indentation in this file."""
        return self._tree.module.default_indent

    def indent(self, node: cst.CSTNode) -> str:
        """The indentation of the line a statement, or the statement around another node, begins with."""
        return self._tree.indent(node)

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """The node that directly holds a node; None for the module."""
        found = self._tree.parent(node)
        return found if found is None else self._whole(found)

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The nodes around a node, innermost first, the module last."""
        return map(self._whole, self._tree.ancestors(node))

    def _whole(self, node: _Node) -> _Node:
        """A node, with all that is in it; raises LeftOut where the file must be parsed wholly first."""
        if not self._tree.is_whole(node):
            raise LeftOut
        return node

    def statement(self, node: cst.CSTNode) -> cst.BaseSmallStatement | cst.BaseCompoundStatement:
        """The innermost statement that holds a node, or the node itself if it is one; an `elif` is part of its `if`."""
        for one in itertools.chain([node], self.ancestors(node)):
            if isinstance(one, cst.BaseSmallStatement | cst.BaseCompoundStatement) and not self._is_elif(one):
                return one
            if isinstance(one, cst.SimpleStatementLine) and len(one.body) == 1:
                return one.body[0]
        raise ValueError("no statement holds the module")

    def _is_elif(self, node: cst.CSTNode) -> bool:
        parent = self._tree.parent(node)
        return isinstance(parent, cst.If) and parent.orelse is node

    def class_at(self, node: cst.CSTNode) -> cst.ClassDef | None:
        """The innermost class around a node."""
        return next((self._whole(one) for one in self._tree.ancestors(node) if isinstance(one, cst.ClassDef)), None)

    def function_at(self, node: cst.CSTNode) -> cst.FunctionDef | None:
        """The innermost function around a node."""
        return next((one for one in self._tree.ancestors(node) if isinstance(one, cst.FunctionDef)), None)

    def at(self, span: Span) -> cst.BaseExpression | None:
        """The expression that stands at a span of the file."""
        return next((one for one in self._tree.at(span) if isinstance(one, cst.BaseExpression)), None)

    def place(self, node: cst.CSTNode) -> tuple[int, int]:
        """Where a node begins as `ast` counts: line from 1, column in bytes."""
        return self._tree.place(node)

    def code_for(self, node: cst.CSTNode) -> str:
        """The source of a node of the file, without what surrounds it; the code that libcst makes of a new one."""
        try:
            return self._tree.source(node)
        except ValueError:
            return self.new_code(node)

    def new_code(self, node: cst.CSTNode) -> str:
        """The code that libcst makes of a node."""
        return self._tree.module.code_for_node(node)

    def comments(self, node: cst.CSTNode) -> list[str]:
        """The comments inside a node and at the end of its lines, in source order, each with its `#`."""
        return self._tree.comments_of(node)

    def expression(self, code: str) -> cst.BaseExpression:
        """Parse an expression; raises CannotFix if it is none."""
        try:
            return cst.parse_expression(code, config=self._tree.module.config_for_parsing)
        except cst.ParserSyntaxError as error:
            raise CannotFix(f"`{code}` is not an expression") from error

    def statements(self, code: str) -> Sequence[cst.SimpleStatementLine | cst.BaseCompoundStatement]:
        """Parse statements, written without indentation, comments above them too; raises CannotFix if they are none."""
        try:
            parsed = cst.parse_module(code, config=self._tree.module.config_for_parsing)
        except cst.ParserSyntaxError as error:
            raise CannotFix(f"`{code}` is not a statement") from error
        first, *rest = parsed.body
        if parsed.header:
            first = first.with_changes(leading_lines=[*parsed.header, *first.leading_lines])
        return [first, *rest]

    def name_for(
        self, module: str | tuple[str, ...], name: str, *, at: cst.CSTNode | None = None, type_checking: bool = False
    ) -> str:
        """By which name something is had at a place (the node to be repaired, if none is given), `sa.Column` say.

        An import that is there is used: `from sqlalchemy import Column as C` gives `C`, `import sqlalchemy as sa`
        gives `sa.Column`. Otherwise the engine will add `from module import name`, under another name if this one
        means something else here. Of several modules the first is imported; the others would do as well.
        `type_checking`: only annotations need it, so that an import under `if TYPE_CHECKING:` is enough.
        """
        modules = (module,) if isinstance(module, str) else module
        line, column = self._tree.place(at or self._node)
        known = self._names.find(modules, name, line, column, type_checking=type_checking)
        if known is not None:
            return known
        wanted = (modules[0], name)
        top = modules[0].strip(".").partition(".")[0]
        choices = [name, f"{top}_{name}", *(f"{top}_{name}_{number}" for number in range(2, 100))]
        for local in choices:
            if self._pending.get(local, wanted) != wanted or not self._names.is_free(local, *wanted):
                continue
            if not self._names.is_hidden(local, line, column):
                self._pending[local] = wanted
                alias = None if local == name else local
                self.imports.append(AddImport(modules[0], name, alias, type_checking))
                return local
        raise CannotFix(f"every name for `{modules[0]}.{name}` is taken in this file")

    def reference(
        self, module: str | tuple[str, ...], name: str, *, at: cst.CSTNode | None = None, type_checking: bool = False
    ) -> cst.BaseExpression:
        """The same as an expression."""
        return self.expression(self.name_for(module, name, at=at, type_checking=type_checking))
