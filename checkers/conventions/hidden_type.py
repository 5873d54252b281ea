"""A method called like a type (`list`, `set`, `type`) that annotations further down in its class then mean.

## Why
In the body of a class, below `def list(self)`, the name `list` is that method: `def find(self) -> list[User]` raises
`TypeError: 'function' object is not subscriptable` when the module is imported. With `from __future__ import
annotations` nothing raises, but type checkers refuse it, and so does whatever reads the annotation.

## Example
```python
class UserService:
    def list(self) -> list[User]: ...

    def find(self, name: str) -> list[User]: ...  # raises
```

## What to do
Give the method another name (`list_all`), or write it as the last of the class.

## Limits
`list`, `set`, `dict`, `tuple`, `frozenset` and `type` as methods, and annotations of later functions and fields of
the same class that give them parameters in brackets.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_TYPES = ("list", "set", "dict", "tuple", "frozenset", "type")


@rule(
    "TUC115",
    "hidden-type",
    on=ast.ClassDef,
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    libraries=("fastapi", "sqlalchemy", "sqlmodel", "pydantic"),
    where=lambda facts, types, config: any(one.owner and one.name in _TYPES for one in facts.functions),
    effort=2,
)
def check(node: ast.ClassDef, file: File) -> Iterator[Hit]:
    hiding: dict[str, ast.AST] = {}
    future = any(one.module == "__future__" and one.attr == "annotations" for one in file.facts.scope.imports)
    for one in node.body:
        for annotation in _annotations(one):
            for part in ast.walk(annotation):
                if isinstance(part, ast.Subscript) and isinstance(part.value, ast.Name) and part.value.id in hiding:
                    name = part.value.id
                    what = "type checkers refuse this" if future else "this raises `TypeError` when it is imported"
                    yield Hit(
                        part,
                        f"`{name}` is the method of `{node.name}` here, not the type, and {what}: give the method "
                        "another name",
                        related=(file.place(hiding[name], "the method"),),
                        severity=Severity.WARNING if future else None,
                    )
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and one.name in _TYPES:
            hiding.setdefault(one.name, one)


def _annotations(one: ast.stmt) -> list[ast.expr]:
    """The annotations that a statement of a class evaluates."""
    if isinstance(one, ast.AnnAssign):
        return [one.annotation]
    if not isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
        return []
    args = [*one.args.posonlyargs, *one.args.args, *one.args.kwonlyargs]
    found = [arg.annotation for arg in args if arg.annotation is not None]
    return [*found, *([one.returns] if one.returns is not None else [])]
