"""Which decorator an expression is, where a file does not leave it open which version's."""

from __future__ import annotations

import ast

from trueup.file import File


def is_decorator(node: ast.expr, file: File, names: tuple[str, ...]) -> bool:
    """Whether an expression is one of some functions of Pydantic, and was not imported from elsewhere as well."""
    if file.qualname(node) not in names:
        return False
    top = node
    while isinstance(top, ast.Attribute):
        top = top.value
    if not isinstance(top, ast.Name):
        return False
    homes = {(one.module, one.attr) for one in file.facts.scope.imports if one.name == top.id}
    return len(homes) < 2
