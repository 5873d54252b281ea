"""A column of an `Enum` class that has aliases: SQLAlchemy 2 leaves them out of the type, 1.4 had them in it.

## Why
With `class Color(Enum): RED = 1; CRIMSON = 1`, `Enum(Color)` made `ENUM('RED', 'CRIMSON')` until 1.4 and makes
`ENUM('RED')` since 2.0; the `VARCHAR` of other databases gets shorter likewise. Nothing is raised until a migration
is generated, or a row with the alias is read.

## Fix safety
`omit_aliases=False` keeps the type as 1.4 made it. It is unsafe, as the tables of a program that runs with SQLAlchemy 2
already have been made without the aliases.

## Limits
Looked at are columns in the form of SQLAlchemy 1, `Column(Enum(Color))` in a mapped class, whose `Enum` is a class of
the project with literal values."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.index.extract import expression
from trueup.index.facts import Const
from trueup.libraries.sqlalchemy.columns import COLUMN
from trueup.libraries.sqlalchemy.mapping import mapping, named
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import ClassObject

_ENUM = "sqlalchemy.Enum"


@rule(
    "TUS204",
    "enum-with-aliases",
    on=ast.ClassDef,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=("sqlalchemy", "flask_sqlalchemy"),
    triggers=("Enum",),
    url="https://docs.sqlalchemy.org/en/20/core/type_basics.html#sqlalchemy.types.Enum.params.omit_aliases",
    effort=2,
    # Only the old form shows that the tables were made by 1.4.
    step="values",
)
def check(node: ast.ClassDef, file: File) -> Iterator[Hit]:
    facts, where = file.class_at(node), mapping(file.types)
    if facts is None:
        return
    cls = file.qualified(facts)
    if not where.is_declarative(cls) and cls not in where.mixins:
        return
    for statement in node.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
            column = statement.value
            if named(file.types, expression(column.func), file.site(column)) == COLUMN:
                for arg in [*column.args, *[keyword.value for keyword in column.keywords]]:
                    yield from _enum(arg, file)


def _enum(node: ast.expr, file: File) -> Iterator[Hit]:
    if not isinstance(node, ast.Call) or len(node.args) != 1 or not isinstance(node.args[0], ast.Name | ast.Attribute):
        return
    given = {keyword.arg for keyword in node.keywords}
    if given & {"omit_aliases", "values_callable", None}:
        return
    if named(file.types, expression(node.func), file.site(node)) != _ENUM:
        return
    found = file.type_of(node.args[0])
    alias = _alias(found.cls, file) if isinstance(found, ClassObject) else ""
    if alias:
        message = (
            f"until SQLAlchemy 1.4 the type had `{alias}` in it, an alias in `{ast.unparse(node.args[0])}`; "
            "2.0 leaves aliases out, and the column's type is another one; say `omit_aliases=False`"
        )
        why = "tables that SQLAlchemy 2 has made already are without the aliases"
        yield Hit(node, message, why=why)


def _alias(cls: str, file: File) -> str:
    """A name of an enumeration's class that stands for the value of an earlier one; empty if there is none."""
    symbol = file.project.klass(cls)
    if symbol is None or not file.types.is_subclass(cls, "enum.Enum"):
        return ""
    values: set[tuple[str, str]] = set()
    for field in symbol.facts.fields:
        value = field.value
        if field.method or field.name.startswith("_") or not isinstance(value, Const):
            continue
        if (value.kind, value.text) in values:
            return field.name
        values.add((value.kind, value.text))
    return ""
