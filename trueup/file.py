"""One parsed file as a rule sees it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from .model import Place, Span
from .types import Type

if TYPE_CHECKING:
    from .index.facts import Class, FileFacts, Function
    from .index.project import Project


class File:
    """A file, its tree, and the project around it. Checkers get one with each node; they never read the disk."""

    def __init__(self, path: str, text: str, tree: ast.Module, facts: FileFacts, project: Project) -> None:
        self.path = path
        self.text = text
        self.tree = tree
        self.facts = facts
        self.project = project

    @property
    def module(self) -> str:
        """The dotted name of the module."""
        return self.facts.module

    # What an expression is

    def type_of(self, node: ast.expr) -> Type:
        """The type of an expression where it stands; Unknown rather than a guess."""
        raise NotImplementedError

    def qualname(self, node: ast.expr) -> str | None:
        """The canonical qualified name an expression refers to.

        `Column`, `sa.Column` and `from sqlalchemy import Column as C; C` are all `sqlalchemy.Column`... wherever
        it is re-exported; a project's own class is `pkg.module.Class`. None for anything that is not a plain
        reference to a class, function, module or module-level name.
        """
        raise NotImplementedError

    def annotation(self, node: ast.expr) -> Type:
        """The type of the objects that an annotation describes: strings parsed, aliases followed."""
        raise NotImplementedError

    # Where a node stands

    def class_at(self, node: ast.AST) -> Class | None:
        """The facts of a ClassDef node, or of the innermost class whose body holds another node."""
        raise NotImplementedError

    def function_at(self, node: ast.AST) -> Function | None:
        """The facts of a function node, or of the innermost function whose body holds another node."""
        raise NotImplementedError

    def symbol_at(self, node: ast.AST) -> str:
        """`Class.method` around a node, for messages and fingerprints; empty at module level."""
        raise NotImplementedError

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The node that directly holds a node of this tree; None for the module."""
        raise NotImplementedError

    def name_is_free(self, name: str, node: ast.AST) -> bool:
        """Whether a name, read where a node stands, would not meet a local, a parameter or a module's other name.

        True too when it already means what an import of it would mean is for the caller to ask with `lookup`.
        """
        raise NotImplementedError

    def span(self, node: ast.AST) -> Span:
        """The span of a node of this tree."""
        raise NotImplementedError

    def place(self, node: ast.AST, message: str) -> Place:
        """A node as a related location."""
        raise NotImplementedError

    def segment(self, node: ast.AST) -> str:
        """The source text of a node."""
        raise NotImplementedError

    def has_comment(self, node: ast.AST) -> bool:
        """Whether a comment stands inside a node's lines."""
        raise NotImplementedError

    def walk(self, node: ast.AST) -> Iterator[ast.AST]:
        """A node and all below it, without entering nested functions, classes and lambdas."""
        raise NotImplementedError

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the text, with their ends."""
        return self.text.splitlines(keepends=True)
