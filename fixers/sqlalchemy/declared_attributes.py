"""How a `declared_attr` is written for SQLAlchemy 2."""

from __future__ import annotations

import libcst as cst


def declared(node: cst.FunctionDef, returns: cst.Annotation, is_classmethod: bool) -> cst.FunctionDef:
    """The function, annotated; with `@classmethod` below its other decorators where it is to have one."""
    more = [cst.Decorator(cst.Name("classmethod"))] if is_classmethod else []
    return node.with_changes(returns=returns, decorators=[*node.decorators, *more])
