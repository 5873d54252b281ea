"""A question whether a row is there already, and an insert behind it: two requests may both be told that it is not.

## Why
Between the question and the insert another request inserts the same. With a unique constraint the second one gets an
`IntegrityError`, and its client a 500 in place of the 409; without one there are two rows. Double clicks are enough
for that.

## Example
```python
if await db.scalar(select(User).where(User.email == data.email)):
    raise HTTPException(409, "taken")
db.add(User(**data.model_dump()))
await db.commit()
```

## What to do
Have the database decide: a unique constraint, and `except IntegrityError:` around the flush or commit that answers
409. The question may stay, for a better message.

## Limits
In one function: an `if` that raises because a row was found, by a query of a session or by a function of the project
that returns objects of a mapped class, and behind it, in the same block, something that adds an object of that class,
itself or by what it calls. Nothing is said where `IntegrityError` is caught in the same module or in that of the
function that adds.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.handlers.answers import stored
from trueup.index.facts import FileFacts
from trueup.layers import SCRIPT, TEST, layer_of
from trueup.libraries.sqlalchemy.transactions import LIBRARIES, session_methods, ways_to
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Instance

from .session_calls import called_on, function_of

_ADDS = session_methods("add", "add_all", "merge")
_KNOWING = ("IntegrityError", "on_conflict_do_nothing", "on_conflict_do_update", "with_for_update")


@rule(
    "TUT109",
    "check-then-insert",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.ADVICE,
    fix=Safety.MANUAL,
    libraries=LIBRARIES,
    where=lambda facts, types, config: not _knows(facts),
    url="https://docs.sqlalchemy.org/en/20/orm/session_transaction.html#using-savepoint",
    effort=10,
)
def check(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    facts = file.function_at(node)
    if facts is None or layer_of(file.types, file.function_symbol(facts), file.config) in (TEST, SCRIPT):
        return
    for index, one in enumerate(node.body):
        if not isinstance(one, ast.If) or one.orelse or not isinstance(one.body[-1], ast.Raise):
            continue
        asked = _found_in(one.test)
        row = _row(asked, node.body[:index], file) if asked is not None else None
        if row is None:
            continue
        for later in node.body[index + 1 :]:
            added = next(
                (call for call in file.walk(later) if isinstance(call, ast.Call) and _adds(call, row, file)), None
            )
            if added is not None:
                name = row.rpartition(".")[2]
                yield Hit(
                    one,
                    f"whether there is such a `{name}` is asked here and line {added.lineno} inserts it: another "
                    "request may do so in between; let a unique constraint decide, and answer its `IntegrityError`",
                    related=(file.place(added, "inserts"),),
                    span=file.span(one.test),
                )
                return


def _knows(facts: FileFacts) -> bool:
    names = {one.attr for scope in facts.scopes for one in scope.imports}
    return any(one in names or one in facts.called or one in facts.attributes for one in _KNOWING)


def _found_in(test: ast.expr) -> ast.expr | None:
    """What a test asks to be there: `user` of `user`, `user is not None`, `user and user.active`."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return _found_in(test.values[0])
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.IsNot):
        right = test.comparators[0]
        return test.left if isinstance(right, ast.Constant) and right.value is None else None
    return test if isinstance(test, ast.Name | ast.Call | ast.Await) else None


def _row(asked: ast.expr, before: list[ast.stmt], file: File) -> str | None:
    """The mapped class of the row that was looked for, in the test itself or in a statement in front of it."""
    query: ast.expr | None = asked
    if isinstance(asked, ast.Name):
        query = None
        for one in before:
            if isinstance(one, ast.Assign) and any(isinstance(t, ast.Name) and t.id == asked.id for t in one.targets):
                query = one.value
    inner = query.value if isinstance(query, ast.Await) else query
    if not isinstance(inner, ast.Call) or query is None:
        return None
    if "with_for_update" in ast.unparse(inner):
        return None
    found = stored(file.type_of(query), file)
    return found[0] if found is not None and not found[1] else None


def _adds(call: ast.Call, row: str, file: File) -> bool:
    """Whether a call adds an object of a class."""
    if called_on(call, file, _ADDS) is not None and call.args:
        kind = file.type_of(call.args[0])
        return isinstance(kind, Instance) and kind.cls == row
    function = function_of(call, file)
    if function is None or _knows(function.file) or not ways_to(file.types, function, _ADDS):
        return False
    if function.facts.is_async and not isinstance(file.parent(call), ast.Await):
        return False
    parent = file.parent(call)
    given = stored(file.type_of(parent if isinstance(parent, ast.Await) else call), file)
    return given is not None and given[0] == row
