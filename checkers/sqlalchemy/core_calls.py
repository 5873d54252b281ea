"""What is called in Core, and what its arguments are: asked by name first, which is cheap, and by type only then."""

from __future__ import annotations

import ast

from trueup.file import File
from trueup.index.extract import expression
from trueup.libraries.sqlalchemy.mapping import named
from trueup.types import Instance, Unknown, without_none

_LISTS = (
    "builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset", "typing.Generator",
    "collections.abc.Generator", "collections.abc.Sequence", "collections.abc.Iterable", "collections.abc.Iterator",
)  # fmt: skip


def written(node: ast.Call, file: File) -> str:
    """The name of what is called where it was defined: `select` for `s` after `from sqlalchemy import select as s`."""
    func = node.func
    if isinstance(func, ast.Attribute):
        return func.attr
    if not isinstance(func, ast.Name):
        return ""
    imports = file.project.names(file.facts.scope).imports.get(func.id, [])
    return next((one.attr for one in imports if one.attr), func.id)


def called(node: ast.Call, file: File) -> str:
    """The qualified name of what is called; empty where it is not known."""
    return named(file.types, expression(node.func), file.site(node))


def is_list(node: ast.expr, file: File) -> bool:
    """Whether an expression certainly gives a list or the like, and no expression of SQL."""
    if isinstance(node, ast.List | ast.Tuple | ast.Set | ast.ListComp | ast.SetComp | ast.GeneratorExp):
        return True
    if not isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.BinOp | ast.Subscript | ast.IfExp):
        return False
    one = without_none(file.type_of(node))
    return isinstance(one, Instance) and one.cls in _LISTS


def may_be_none(node: ast.expr, file: File) -> bool:
    """Whether a variable may hold None, or holds what is not known."""
    if not isinstance(node, ast.Name):
        return False
    one = file.type_of(node)
    return isinstance(one, Unknown) or one != without_none(one)


def arguments(node: ast.Call) -> list[ast.expr]:
    """The values of all arguments in the order they are written in: positional ones first."""
    return [*node.args, *(keyword.value for keyword in node.keywords)]


def is_plain(node: ast.Call) -> bool:
    """Whether each argument can be told from the others: no `*args` and no `**kwargs`."""
    return not any(isinstance(arg, ast.Starred) for arg in node.args) and all(k.arg for k in node.keywords)


def is_constant(node: ast.expr, value: object) -> bool:
    """Whether an expression is True, False or None itself."""
    return isinstance(node, ast.Constant) and node.value is value
