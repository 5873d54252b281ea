"""`convert_unicode=`, an argument of types and engines that Python 2 needed and SQLAlchemy 2 no longer takes.

## Why
`String(convert_unicode=True)` and `create_engine(..., convert_unicode=True)` raise `TypeError` under 2.0. Under
Python 3 it did nothing.

## Fix safety
The argument goes. There is no fix for a value other than `True` and `False`: `"force"` encoded in Python what the
driver could not; say what is needed by a `TypeDecorator`.

## Limits
Types of the project that have an argument of that name are left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.index.extract import expression
from trueup.libraries.sqlalchemy.mapping import named
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUS203",
    "convert-unicode-argument",
    on=ast.Call,
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=("sqlalchemy", "flask_sqlalchemy"),
    triggers=("convert_unicode",),
    url="https://docs.sqlalchemy.org/en/14/changelog/migration_13.html",
    step="sqlalchemy-columns",
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    for keyword in node.keywords:
        if keyword.arg != "convert_unicode":
            continue
        if not named(file.types, expression(node.func), file.site(node)).startswith("sqlalchemy."):
            return
        if isinstance(keyword.value, ast.Constant) and keyword.value.value in (True, False):
            message = "SQLAlchemy 2 refuses `convert_unicode=`, which does nothing under Python 3; leave it out"
            yield Hit(node, message, span=file.span(keyword))
        else:
            message = "SQLAlchemy 2 refuses `convert_unicode=`; a `TypeDecorator` can encode and decode instead"
            yield Hit(node, message, safety=Safety.MANUAL, span=file.span(keyword))
