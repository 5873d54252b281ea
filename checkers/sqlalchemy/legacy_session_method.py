"""A session is used by what SQLAlchemy 2 has removed: `begin(subtransactions=True)`, `session.transaction`.

## Why
`begin(subtransactions=True)` raises `TypeError`, `session.transaction` and `session.autocommit` raise
`AttributeError` in 2.0, and 2.1 has no `Session.close_all()`.

## Example
```python
Session.close_all()
```
Use instead:
```python
close_all_sessions()
```

## Fix safety
`close_all()` becomes `close_all_sessions()`, which it was only another name of, under 1.4 too.

There is no fix for the rest. A function that may be called inside a transaction or outside of one enters
`session.begin()` only if `not session.in_transaction()`, or leaves it to its caller; a real inner transaction is
`begin_nested()`, a savepoint. For `session.transaction` say `session.get_transaction()`, which is None while there is
none.

## Limits
Sessions of unknown type are left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.libraries.sqlalchemy.core import LIBRARIES, MIGRATION
from trueup.libraries.sqlalchemy.sessions import is_session, is_sqlmodel_session
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

from .core_calls import called

_ATTRIBUTES = {
    "transaction": "say `get_transaction()`, or `in_transaction()`",
    "autocommit": "there are no sessions without transactions any more",
}


@rule(
    "TUS602",
    "legacy-session-method",
    on=(ast.Call, ast.Attribute),
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=("subtransactions", "transaction", "autocommit", "close_all"),
    url=MIGRATION + "#session-subtransaction-behavior-removed",
    effort=10,
    step="sqlalchemy-core",
    prepares=True,
)
def check(node: ast.Call | ast.Attribute, file: File) -> Iterator[Hit]:
    if isinstance(node, ast.Attribute):
        if node.attr not in _ATTRIBUTES or not isinstance(node.ctx, ast.Load) or _is_called(node, file):
            return
        if _is_session(node.value, file):
            message = f"a session has no `{node.attr}` in SQLAlchemy 2: {_ATTRIBUTES[node.attr]}"
            yield Hit(node, message, safety=Safety.MANUAL)
        return
    func = node.func
    if not isinstance(func, ast.Attribute):
        return
    if func.attr == "close_all" and called(node, file).endswith("Session.close_all"):
        yield Hit(
            node, "`close_all()` is gone in SQLAlchemy 2.1: say `close_all_sessions()`", clue="close_all_sessions"
        )
    elif func.attr == "begin":
        for keyword in node.keywords:
            if keyword.arg == "subtransactions" and _is_session(func.value, file):
                message = (
                    "there are no subtransactions in SQLAlchemy 2: begin only if `not session.in_transaction()`, "
                    "or say `begin_nested()` for a savepoint"
                )
                yield Hit(node, message, safety=Safety.MANUAL)


def _is_called(node: ast.Attribute, file: File) -> bool:
    around = file.parent(node)
    return isinstance(around, ast.Call) and around.func is node


def _is_session(node: ast.expr, file: File) -> bool:
    if not isinstance(node, ast.Name | ast.Attribute | ast.Call):
        return False
    one = file.type_of(node)
    return bool(is_session(file.types, one)) or is_sqlmodel_session(file.types, one)
