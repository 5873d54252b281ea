"""`@declarative_mixin`, which does nothing but tell the mypy plug-in of SQLAlchemy 1.4 about a class.

## Why
The plug-in is gone, and 2.1 deprecates the decorator. A mixin is known by the mapped classes that inherit from it.

## Fix safety
The decorator hands on the class as it is, so that nothing changes when it goes.

## Limits
A mixin that no mapped class of the project inherits from, and that has a `Column()` to be rewritten, is left until that
is done: only the decorator shows that it will be mapped.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.index.extract import expression
from trueup.libraries.sqlalchemy.mapping import mapping, named
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_MIXIN = "sqlalchemy.orm.declarative_mixin"
_COLUMN = "sqlalchemy.Column"


@rule(
    "TUS103",
    "declarative-mixin-decorator",
    on=ast.ClassDef,
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=("sqlalchemy",),
    triggers=("declarative_mixin",),
    url="https://docs.sqlalchemy.org/en/21/changelog/migration_21.html",
    step="sqlalchemy-relationships",
)
def check(node: ast.ClassDef, file: File) -> Iterator[Hit]:
    facts = file.class_at(node)
    if facts is None:
        return
    for decorator in node.decorator_list:
        if named(file.types, expression(decorator), file.site(decorator)) == _MIXIN and not _waits(node, file):
            message = "`@declarative_mixin` was only for a mypy plug-in that is gone; leave it out"
            yield Hit(node, message, span=file.span(decorator))


def _waits(node: ast.ClassDef, file: File) -> bool:
    """Whether only the decorator shows what the class holds to be mapped, and that is still to be rewritten."""
    facts = file.class_at(node)
    cls = file.qualified(facts) if facts is not None else ""
    where = mapping(file.types)
    if any(where.is_declarative(one.qualname) for one in where.below(cls)):
        return False
    return any(named(file.types, expression(one.func), file.site(one)) == _COLUMN for one in _unannotated(node))


def _unannotated(node: ast.ClassDef) -> Iterator[ast.Call]:
    """What attributes without annotation are given, and what methods without one return."""
    for statement in node.body:
        match statement:
            case ast.Assign(value=ast.Call() as call):
                yield call
            case ast.FunctionDef(returns=None):
                for one in ast.walk(statement):
                    if isinstance(one, ast.Return) and isinstance(one.value, ast.Call):
                        yield one.value
