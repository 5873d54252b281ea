"""What the annotation of a column says already, where its author wrote one."""

from __future__ import annotations

import ast

from msgspec import Struct

from trueup.file import File
from trueup.index.extract import expression
from trueup.libraries.sqlalchemy.hints import Hint, Hints

_HOLDERS = frozenset(
    f"sqlalchemy.orm.{name}" for name in ("Mapped", "MappedColumn", "InstrumentedAttribute", "declared_attr")
) | {"sqlalchemy.Column", "sqlalchemy.ColumnElement"}
"""What an annotation may say the attribute of the class is; in brackets, what that of an instance is."""
_OPTIONAL, _UNION = "typing.Optional", "typing.Union"


class UsersAnnotation(Struct, frozen=True):
    """A column's annotation, `Mapped` and `None` taken out of it."""

    present: bool = False
    hint: Hint | None = None
    """Its type as it is written, where the class can evaluate that."""
    optional: bool = False
    is_any: bool = False
    problem: str = ""
    """Why its type cannot be used."""


def read_annotation(annotation: ast.expr | None, file: File, hints: Hints) -> UsersAnnotation:
    """Read the annotation of an attribute, or of what a `declared_attr` returns."""
    if annotation is None:
        return UsersAnnotation()
    inner, optional = _plain(annotation, annotation, file)
    if inner is None:
        return UsersAnnotation(present=True)
    problem = next((p for name in _names(inner) if (p := _problem(name, hints))), "")
    if any(isinstance(node, ast.Constant) and isinstance(node.value, str) for node in _evaluated(inner)):
        problem = "its annotation holds a name as text"
    return UsersAnnotation(
        present=True,
        hint=None if problem else Hint(ast.unparse(inner)),
        optional=optional,
        is_any=_meaning(inner, annotation, file) == "typing.Any",
        problem=problem,
    )


def _plain(node: ast.expr, place: ast.expr, file: File) -> tuple[ast.expr | None, bool]:
    """(the type that is described, whether `None` is too); no type where it only says that it is a column."""
    match node:
        case ast.Constant(value=None):
            return None, True
        case ast.Constant(value=str(text)):
            try:
                return _plain(ast.parse(text.strip(), mode="eval").body, place, file)
            except (SyntaxError, ValueError):
                return None, False
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            parts = [_plain(part, place, file) for part in (left, right)]
            kept = [part for part, _ in parts if part is not None]
            if len(kept) == 2:
                return ast.BinOp(kept[0], ast.BitOr(), kept[1]), any(optional for _, optional in parts)
            return (kept[0] if kept else None), any(optional for _, optional in parts)
        case ast.Subscript(value=value, slice=inner):
            name = _meaning(value, place, file)
            if name in _HOLDERS:
                return _plain(inner, place, file)
            if name == _OPTIONAL:
                return _plain(inner, place, file)[0], True
            if name == _UNION and isinstance(inner, ast.Tuple):
                kept = [item for item in inner.elts if not (isinstance(item, ast.Constant) and item.value is None)]
                optional = len(kept) < len(inner.elts)
                if len(kept) == 1:
                    return _plain(kept[0], place, file)[0], optional
                return ast.Subscript(value, ast.Tuple(kept, ast.Load()), ast.Load()), optional
    if _meaning(node, place, file) in _HOLDERS:
        return None, False
    return node, False


def _meaning(node: ast.expr, place: ast.expr, file: File) -> str:
    """The qualified name of a name in an annotation, which may have been text."""
    if not isinstance(node, ast.Name | ast.Attribute):
        return ""
    return file.types.qualname(expression(node), file.site(place)) or ""


def _evaluated(node: ast.expr) -> list[ast.AST]:
    """The nodes of a type but for what is in a `Literal[...]`."""
    found: list[ast.AST] = [node]
    if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("Literal"):
        return found
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            found += _evaluated(child)
    return found


def _names(node: ast.expr) -> list[str]:
    return [one.id for one in ast.walk(node) if isinstance(one, ast.Name)]


def _problem(name: str, hints: Hints) -> str:
    if name in hints.taken and name not in hints.inner:
        return f"in its class `{name}` is an attribute too"
    if not hints.is_there(name) and not hints.is_builtin(name):
        return f"`{name}` is only imported for type checkers, and SQLAlchemy evaluates the annotation"
    return ""
