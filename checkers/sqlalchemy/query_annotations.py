"""Annotations that say `Query`: what they say once it is a `select()`."""

from __future__ import annotations

import ast

from trueup.file import File
from trueup.libraries.sqlalchemy.queries import COLLECTIONS, QUERY, Form, QueryRewrite
from trueup.types import Instance, without_none


def says_nothing(annotation: ast.expr | None) -> bool:
    """Whether there is none, or it is `Any`."""
    return annotation is None or (isinstance(annotation, ast.Name) and annotation.id == "Any")


def as_select(annotation: ast.expr, file: File, lists: bool = False) -> tuple[ast.expr, QueryRewrite] | None:
    """The part of an annotation that says `Query`, and what takes its place; None where it says something else.

    `lists`: one that says a list or something to be iterated will do, which some write of queries.
    """
    match annotation:
        case ast.BinOp(op=ast.BitOr(), left=left, right=ast.Constant(value=None)):
            return as_select(left, file, lists)
        case ast.BinOp(op=ast.BitOr(), left=ast.Constant(value=None), right=right):
            return as_select(right, file, lists)
    one = without_none(file.annotation(annotation))
    if lists and isinstance(one, Instance) and one.cls in COLLECTIONS:
        return annotation, QueryRewrite(Form.ANNOTATION, (), end="Any")
    if not isinstance(one, Instance) or one.cls not in QUERY:
        return None
    said = annotation
    if isinstance(said, ast.Constant) and isinstance(said.value, str):
        try:
            said = ast.parse(said.value, mode="eval").body
        except SyntaxError:
            return None
    match said:
        case ast.Name() | ast.Attribute():
            return annotation, QueryRewrite(Form.ANNOTATION, ())
        case ast.Subscript(value=ast.Name() | ast.Attribute()):
            return annotation, QueryRewrite(Form.ANNOTATION, (), end="Any")
    return None
