"""Annotations of mapped classes that SQLAlchemy 2 cannot import, whatever their base allows."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

from trueup.file import File
from trueup.index.project import ClassSymbol
from trueup.libraries.sqlalchemy.bases import QuotedAnnotation, RefusedAnnotation, refuses_annotation, unevaluated
from trueup.libraries.sqlalchemy.mapping import mapping
from trueup.model import Hit


def on_method(node: ast.FunctionDef, file: File) -> Iterator[Hit]:
    """`@declared_attr def x(cls) -> X` in a mixin."""
    facts = file.function_at(node)
    owner = file.project.klass(f"{file.module}.{facts.owner}") if facts is not None and facts.owner else None
    if facts is None or owner is None or node.returns is None:
        return
    function = file.function_symbol(facts)
    if refuses_annotation(file.types, owner, function):
        message = (
            f"SQLAlchemy 2 cannot import classes with mixin `{owner.facts.name}`: its `declared_attr` `{node.name}` "
            f"is annotated with `{ast.unparse(node.returns)}`; say `Mapped[...]` or nothing"
        )
        yield Hit(node, message, clue=RefusedAnnotation(), span=file.header(node))


def on_annotation(node: ast.AnnAssign, file: File) -> Iterator[Hit]:
    """`x: Optional["X"] = None` in a mapped class."""
    facts = file.class_at(node)
    if facts is None or not isinstance(file.parent(node), ast.ClassDef) or not isinstance(node.target, ast.Name):
        return
    symbol = ClassSymbol(file.qualified(facts), file.facts, facts)
    where = mapping(file.types)
    if not where.is_declarative(symbol.qualname) or where.is_abstract(symbol):
        return
    start = (node.lineno, node.col_offset)
    field = next((one for one in facts.fields if (one.pos.line, one.pos.column) == start), None)
    if field is not None and unevaluated(file.types, symbol, field):
        whole = ast.unparse(_Unquoted().visit(copy.deepcopy(node.annotation)))
        message = (
            f"SQLAlchemy 2 evaluates the text in the annotation of `{node.target.id}`, which names what is not there: "
            f'write "{whole}" as a whole, or `Mapped[...]`'
        )
        yield Hit(node, message, clue=QuotedAnnotation(whole))


class _Unquoted(ast.NodeTransformer):
    """Takes the quotes from names in an annotation."""

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if not isinstance(node.value, str):
            return node
        try:
            return ast.parse(node.value.strip(), mode="eval").body
        except SyntaxError:
            return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        return node if ast.unparse(node.value).endswith("Literal") else self.generic_visit(node)
