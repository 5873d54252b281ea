"""Which arguments of a call are old, and what is said of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from trueup.file import File
from trueup.libraries.sqlalchemy.arguments import ANY, Argument
from trueup.model import Hit, Safety, Severity

from .core_calls import called


def old_arguments(node: ast.Call, file: File, table: Mapping[str, Mapping[str, Argument]]) -> Iterator[Hit]:
    """A hit for each old argument of a call, if a table knows what is called."""
    name = called(node, file)
    known = table.get(name, {})
    for keyword in node.keywords:
        one = known.get(keyword.arg or "")
        if one is None:
            continue
        value = keyword.value.value if isinstance(keyword.value, ast.Constant) else ...
        is_harmless = ANY in one.harmless or any(value is item for item in one.harmless)
        if keyword.arg == "autoload":
            is_harmless = any(other.arg == "autoload_with" for other in node.keywords)
        what = f"`{keyword.arg}=` of `{name.rpartition('.')[2]}()`"
        verb = "is refused by SQLAlchemy 2" if one.refused or not is_harmless else "is not needed in SQLAlchemy 2"
        severity = Severity.ERROR if one.refused or not is_harmless else Severity.WARNING
        span = file.span(keyword)
        if is_harmless:
            message = f"{what} {verb}, for {one.because}: leave it out"
            yield Hit(node, message, clue=keyword.arg, severity=severity, span=span)
        elif one.otherwise:
            yield Hit(node, f"{what} {verb}: {one.otherwise}", safety=Safety.MANUAL, severity=severity, span=span)
