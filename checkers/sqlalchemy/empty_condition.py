"""`and_()` or `or_()` is called with nothing, which SQLAlchemy will no longer take.

## Why
An empty `and_()` or `or_()` is left out of a statement, so that all rows are found; to say nothing is deprecated since
1.4, for what an empty `or_()` should mean is not clear.

## What to do
Say what is meant, `true()` or `false()`, as the first argument: `and_(true(), *conditions)` finds all rows where there
are no conditions, `or_(false(), *conditions)` none.

## Limits
`or_(*conditions)` is left alone: whether the list can be empty is not to be seen.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.core import LIBRARIES
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

from .core_calls import called, written


@rule(
    "TUS514",
    "empty-condition",
    on=ast.Call,
    severity=Severity.WARNING,
    fix=Safety.MANUAL,
    libraries=LIBRARIES,
    triggers=("and_", "or_"),
    url="https://docs.sqlalchemy.org/en/20/core/sqlelement.html#sqlalchemy.sql.expression.or_",
    effort=2,
    step="sqlalchemy-core",
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    if node.args or node.keywords or written(node, file) not in ("and_", "or_"):
        return
    name = called(node, file)
    if name in ("sqlalchemy.and_", "sqlalchemy.or_"):
        last = name.rpartition(".")[2]
        meant = "true()" if last == "and_" else "false()"
        message = f"an empty `{last}()` is deprecated, and finds all rows: say what is meant, `{last}({meant})` say"
        yield Hit(node, message, safety=Safety.MANUAL)
