"""A `commit()` or `rollback()` inside `with session.begin()`, behind which the block can no longer use the session.

## Why
`with session.begin():` owns the transaction: it commits when the block ends. Once something in the block has ended
the transaction itself, the next statement raises `InvalidRequestError: Can't operate on closed transaction inside
context manager`, and what was committed stays.

## Example
```python
with db.begin():
    users.create(db, data)  # commits in the repository
    db.add(AuditEntry(action="create"))
    db.flush()  # raises InvalidRequestError
```

## Fix safety
The fix makes a `commit()` of the session itself that stands alone a `flush()`: the block commits at its end. It is
unsafe: so far the block raised there. A `rollback()`, and what a function does, is a person's: to keep a part whatever
comes next, give it a `with` of its own; to undo only a part, use `session.begin_nested()`.

## Limits
A commit in a function is found where the session is passed to it, or where it belongs to the object that the function
is called on and this was made with the same session. One that nothing follows in the block does no harm and is not
reported, nor is one in a branch that leaves the block.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.index.extract import expression
from trueup.index.facts import Call
from trueup.libraries.sqlalchemy.transactions import LIBRARIES, session_methods, session_there, ways_to
from trueup.model import Hit, Place, Safety, Severity
from trueup.registry import rule

from .session_calls import USES, body, called_on, function_of, gets_to, same, transaction

_COMMITS = session_methods("commit")
_ENDS = session_methods("commit", "rollback")


@rule(
    "TUT105",
    "commit-inside-begin",
    on=(ast.With, ast.AsyncWith),
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    triggers=("begin",),
    where=lambda facts, types, config: "begin" in facts.called,
    url="https://docs.sqlalchemy.org/en/20/orm/session_transaction.html",
    effort=5,
)
def check(node: ast.With | ast.AsyncWith, file: File) -> Iterator[Hit]:
    session = transaction(node, file)
    if session is None:
        return
    for one in body(node.body, file):
        if not isinstance(one, ast.Call):
            continue
        place = _end(one, session, file)
        if place is None:
            continue
        after = _use_behind(node, one, session, file)
        if after is None:
            continue
        name = ast.unparse(session)
        where = "" if place.path == file.path and place.line == one.lineno else f" ({place.path}:{place.line})"
        yield Hit(
            one,
            f"this ends the transaction of `with {name}.begin()`{where}, and line {after.lineno} then raises "
            "`InvalidRequestError`: the block commits by itself at its end, so take the commit or rollback out",
            related=(place, file.place(after, "raises here")),
            safety=None if _is_plain(one, session, file) else Safety.MANUAL,
            why="What was committed here is committed at the end of the block, or rolled back with the rest."
            if _is_plain(one, session, file)
            else "",
        )
        return


def _is_plain(call: ast.Call, session: ast.expr, file: File) -> bool:
    """Whether a call is a `commit()` of the session itself that stands by itself."""
    committed = called_on(call, file, _COMMITS)
    outer = file.parent(call)
    outer = file.parent(outer) if isinstance(outer, ast.Await) else outer
    return committed is not None and same(session, committed) and isinstance(outer, ast.Expr)


def _end(call: ast.Call, session: ast.expr, file: File) -> Place | None:
    """Where a call ends the transaction of a session."""
    direct = called_on(call, file, _ENDS)
    if direct is not None:
        return file.place(call, "ends the transaction") if same(session, direct) else None
    function = function_of(call, file)
    if function is None or not gets_to(call, file, _ENDS):
        return None
    for route in ways_to(file.types, function, _ENDS):
        if len(route.steps) != 1:
            continue
        last = route.steps[0]
        blocks = function.facts.scope.blocks
        if last.call.block != 0 and blocks[last.call.block].kind != "try":
            continue
        written = expression(call)
        assert isinstance(written, Call)
        if session_there(file.types, function, last.call, file.site(call), written) == ast.unparse(session):
            pos = last.call.pos
            return Place(function.file.path, pos.line, pos.column + 1, "ends the transaction")
    return None


def _use_behind(node: ast.With | ast.AsyncWith, call: ast.Call, session: ast.expr, file: File) -> ast.Call | None:
    """The first use of the session in the block behind a call, unless what is around that leaves."""
    one: ast.AST | None = call
    while one is not None and one is not node:
        one = file.parent(one)
        block = getattr(one, "body", []) if isinstance(one, ast.ExceptHandler | ast.If) else []
        if block and isinstance(block[-1], ast.Return | ast.Raise | ast.Continue | ast.Break):
            return None
    at = (call.end_lineno or 0, call.end_col_offset or 0)
    for other in body(node.body, file):
        if not isinstance(other, ast.Call) or (other.lineno, other.col_offset) < at:
            continue
        used = called_on(other, file, USES)
        if used is not None and same(session, used):
            return other
        if any(same(session, arg) for arg in other.args) and gets_to(other, file, USES):
            return other
    return None
