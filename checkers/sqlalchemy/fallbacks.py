"""Imports that a program goes on without."""

from __future__ import annotations

import ast

from trueup.file import File


def has_fallback(node: ast.AST, file: File) -> bool:
    """Whether a place stands in a `try` that goes on without the name, or in what it goes on with."""
    inner, around = node, file.parent(node)
    while around is not None and not isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        if isinstance(around, ast.ExceptHandler):
            return True
        if isinstance(around, ast.Try) and inner in around.body:
            return any(_catches(handler.type) for handler in around.handlers)
        inner, around = around, file.parent(around)
    return False


def _catches(kind: ast.expr | None) -> bool:
    """Whether an `except` is for names that are not there."""
    if kind is None:
        return True
    names = {one.id for one in ast.walk(kind) if isinstance(one, ast.Name)}
    return bool(names & {"ImportError", "ModuleNotFoundError", "AttributeError", "Exception"})
