"""An `except` around a `commit()` or `flush()` that goes on with the session without a `rollback()`.

## Why
When a flush fails the session's transaction is over, but the session does not forget it: until `rollback()` is
called, every further use raises `PendingRollbackError: This Session's transaction has been rolled back due to a
previous exception during flush`. So the first double in an import, caught and skipped, makes all that come after it
fail.

## Example
```python
for row in rows:
    db.add(User(**row))
    try:
        db.commit()
    except IntegrityError:
        skipped += 1  # the next commit raises PendingRollbackError
```

## Fix safety
The fix calls `rollback()` first in the `except`. It is unsafe: so far all that came later raised, and what the
transaction held before is given up for good, as it was already by the error. Where only that statement is to be
undone, put it into `with session.begin_nested():` instead.

## Limits
Only a `try` that itself holds the `commit()` or `flush()` of a session whose type is known, and a later use of the
same session, in the same function or in the next round of the loop around it, are looked at. An `except` that raises,
returns, or calls something that gets to a `rollback()` or `close()` is left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import cast

from trueup.file import File
from trueup.libraries.sqlalchemy.transactions import LIBRARIES, session_methods
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

from .session_calls import USES, body, called_on, function_of, same

_SENDS = session_methods("commit", "flush")
_LATER = (USES | session_methods("commit")) - session_methods("add", "add_all", "delete")
"""What raises then: to add an object does not, nor does a `flush()` that has nothing to do."""
_CATCHES = ("sqlalchemy.exc.", "builtins.Exception", "builtins.BaseException")
_HARMLESS = ("sqlalchemy.exc.NoResultFound", "sqlalchemy.exc.MultipleResultsFound", "sqlalchemy.exc.NoSuchTableError")

_LEAVES = (ast.Return, ast.Raise, ast.Break, ast.Continue)
_ENDING = ("rollback", "close", "remove", "exit", "abort", "expunge_all")


@rule(
    "TUT107",
    "missing-rollback",
    on=ast.Try,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    where=lambda facts, types, config: not {"commit", "flush"}.isdisjoint(facts.called),
    url="https://docs.sqlalchemy.org/en/20/faq/sessions.html#this-session-s-transaction-has-been-rolled-back-due-to-a-previous-exception-during-flush-or-similar",
    effort=3,
)
def check(node: ast.Try, file: File) -> Iterator[Hit]:
    session = _flushed(node, file)
    if session is None or any(_ends(one, file) for one in body(node.finalbody, file)):
        return
    for handler in node.handlers:
        if not _catches(handler, file):
            continue
        if not _goes_on(handler, file):
            return
        later = _later(node, session, file)
        if later is not None:
            name = ast.unparse(session)
            yield Hit(
                handler,
                f"when the flush fails, `{name}` refuses everything until `{name}.rollback()` is called: line "
                f"{later.lineno} then raises `PendingRollbackError`; roll back here, or use `{name}.begin_nested()`",
                related=(file.place(later, "uses the session again"),),
                clue=f"{'await ' if _waits(node, file) else ''}{name}.rollback()",
                why="So far all that came later raised; what the transaction held before is given up.",
                span=file.stretch(handler.lineno, handler.col_offset, handler.lineno, handler.col_offset + 6),
            )
        return


def _waits(node: ast.Try, file: File) -> bool:
    """Whether the commit or flush is awaited."""
    return any(
        isinstance(one, ast.Await) and called_on(one.value, file, _SENDS) is not None for one in body(node.body, file)
    )


def _flushed(node: ast.Try, file: File) -> ast.expr | None:
    """The session that the body commits or flushes, unless a savepoint around that undoes it."""
    found: ast.expr | None = None
    for one in body(node.body, file):
        if isinstance(one, ast.With | ast.AsyncWith | ast.Try):
            return None
        found = found or called_on(one, file, _SENDS)
    if found is None or not isinstance(found, ast.Name | ast.Attribute):
        return None
    around: ast.AST | None = node
    while around is not None and not isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef):
        around = file.parent(around)
        if isinstance(around, ast.With | ast.AsyncWith):
            for item in around.items:
                bound = item.optional_vars is not None and same(found, item.optional_vars)
                if not bound and "begin_nested" in ast.unparse(item.context_expr):
                    return None
    return found


def _catches(handler: ast.ExceptHandler, file: File) -> bool:
    """Whether an `except` gets the errors of a flush."""
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = [file.qualname(one) or "" for one in kinds]
    return any(name.startswith(_CATCHES) and not name.startswith(_HARMLESS) for name in names)


def _goes_on(handler: ast.ExceptHandler, file: File) -> bool:
    for one in body(handler.body, file):
        if isinstance(one, ast.Raise | ast.Return | ast.Break) or _ends(one, file):
            return False
    return True


def _ends(node: ast.AST, file: File) -> bool:
    """Whether a call rolls back or closes something, or may: what is not known, or the project's own."""
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return (
        name in ("rollback", "close", "remove", "exit", "abort", "expunge_all") or function_of(node, file) is not None
    )


def _later(node: ast.Try, session: ast.expr, file: File) -> ast.Call | None:
    """The next use of the session behind a `try`, or in the next round of its loop."""
    inner, around = cast("ast.AST", node), file.parent(node)
    while around is not None:
        if isinstance(around, ast.ExceptHandler):
            return None
        for name in ("body", "orelse"):
            block = getattr(around, name, None)
            if not isinstance(block, list):
                continue
            for one in block[block.index(inner) + 1 :] if inner in block else ():
                if _gives_up(one, session, file):
                    return None
                used = _use(one, session, file)
                if used is not None:
                    return used
                if isinstance(one, ast.Continue):
                    break
                if any(isinstance(part, _LEAVES) for part in file.walk(one)):
                    return None
        if isinstance(around, ast.For | ast.AsyncFor | ast.While):
            return _again(around, node, session, file)
        if isinstance(around, ast.With | ast.AsyncWith) and any(
            item.optional_vars is not None and same(session, item.optional_vars) for item in around.items
        ):
            return None
        if isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module):
            return None
        inner, around = around, file.parent(around)
    return None


def _gives_up(one: ast.stmt, session: ast.expr, file: File) -> bool:
    """Whether a statement may end the session's transaction or put another session in its place."""
    for node in file.walk(one):
        if _ends(node, file) and isinstance(node, ast.Call) and function_of(node, file) is None:
            return True
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store) and same(session, node):
            return True
    return False


def _use(one: ast.AST, session: ast.expr, file: File, names: frozenset[str] = _LATER) -> ast.Call | None:
    """The first use of the session in a statement."""
    for call in file.walk(one):
        used = called_on(call, file, names)
        if used is not None and same(session, used) and isinstance(call, ast.Call):
            return call
    return None


def _again(loop: ast.For | ast.AsyncFor | ast.While, node: ast.Try, session: ast.expr, file: File) -> ast.Call | None:
    """The first use of the session in a round of a loop that nothing but its end leaves, outside the `try` at least."""
    at = (node.end_lineno or 0, node.end_col_offset or 0)
    for one in body(loop.body, file):
        if isinstance(one, _LEAVES) and (one.lineno, one.col_offset) > at and not isinstance(one, ast.Continue):
            return None
    if any(_gives_up(one, session, file) for one in loop.body):
        return None
    return next((used for one in loop.body if (used := _use(one, session, file, _LATER | _SENDS)) is not None), None)
