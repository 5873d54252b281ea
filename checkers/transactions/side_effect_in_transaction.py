"""A mail, a task or a request to another service that is sent before the transaction it is about was committed.

## Why
What was sent cannot be taken back. When the commit fails, the customer has a mail about an order that does not exist.
When it succeeds, a worker that is fast enough looks for a row that is not there yet. And while the other side
answers, the transaction keeps its locks and its connection.

## Example
```python
with db.begin():
    order = Order(**data.model_dump())
    db.add(order)
    requests.post(WEBHOOK, json={"order": order.number})
```

## Fix safety
Where what is sent stands by itself, as the last statement of the `with` block or right in front of the commit, the
fix moves it behind. It is unsafe: what fails there no longer rolls the transaction back. There is none where it
speaks of objects of the database that cannot be read any more then (a session that is closed or expires, an
`AsyncSession`), and in front of other statements: what of it belongs behind the commit is a person's to say. Where
nothing may be lost, write what is to be sent into a table of the same transaction (an outbox) and let a worker send
it. A background task of FastAPI runs after the response, and is no side effect here.

## Limits
A transaction is the body of `with session.begin()`, and what stands between a write of a session and the next commit
in the same block of the same function. What is sent is known by its library (requests, httpx, aiohttp, smtplib,
celery, boto3 and others), and followed through calls whose callee is known, five deep. What only asks (`GET`) is not
reported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from trueup.file import File
from trueup.handlers.answers import stored
from trueup.index.facts import CallSite
from trueup.index.project import FunctionSymbol
from trueup.infer import Inference
from trueup.infer.reach import Route, Target, routes
from trueup.layers import SCRIPT, TEST, layer_of
from trueup.libraries.outside import is_task, sends
from trueup.libraries.sqlalchemy.sessions import is_session_class
from trueup.libraries.sqlalchemy.transactions import LIBRARIES, runs_here, session_methods
from trueup.model import Hit, Place, Safety, Severity
from trueup.registry import rule
from trueup.types import Callee, Foreign, Instance

from .session_calls import body, called_on, function_of, same, transaction

_WRITES = session_methods("add", "add_all", "delete", "merge")
_COMMITS = session_methods("commit")
_DEPTH = 5


@rule(
    "TUT104",
    "side-effect-in-transaction",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.WARNING,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    where=lambda facts, types, config: not {"begin", "commit"}.isdisjoint(facts.called),
    effort=10,
)
def check(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    facts = file.function_at(node)
    if facts is None:
        return
    function = file.function_symbol(facts)
    if layer_of(file.types, function, file.config) in (TEST, SCRIPT):
        return
    seen: list[ast.Call] = []
    for one in file.walk(node):
        if isinstance(one, ast.With | ast.AsyncWith) and transaction(one, file) is not None:
            ends = f"the end of the block (line {one.end_lineno})"
            yield from _sent(one.body, ends, file, seen, _block_of(one, file))
        for name in ("body", "orelse", "finalbody"):
            block = getattr(one, name, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                for stretch, line in _open(block, file):
                    yield from _sent(stretch, f"the commit in line {line}", file, seen, "commit")


def _open(block: Sequence[ast.stmt], file: File) -> Iterator[tuple[Sequence[ast.stmt], int]]:
    """(the statements between a write and the next commit in a block, the line of that commit)."""
    begun: tuple[int, ast.expr] | None = None
    for index, one in enumerate(block):
        if not isinstance(one, ast.Expr | ast.Assign | ast.AnnAssign):
            continue
        for call in file.walk(one):
            wrote = called_on(call, file, _WRITES)
            ended = called_on(call, file, _COMMITS)
            if wrote is not None and begun is None:
                begun = index, wrote
            elif ended is not None and begun is not None and same(begun[1], ended):
                yield block[begun[0] + 1 : index], one.lineno
                begun = None


def _block_of(node: ast.With | ast.AsyncWith, file: File) -> str:
    """`with` where what stands behind a block can still use the session, else `closed`."""
    session = transaction(node, file)
    bound = [item.optional_vars for item in node.items if item.optional_vars is not None]
    return "closed" if len(node.items) > 1 or any(session is one for one in bound) else "with"


def _sent(statements: Sequence[ast.stmt], ends: str, file: File, seen: list[ast.Call], block: str) -> Iterator[Hit]:
    for call in body(statements, file):
        if not isinstance(call, ast.Call) or call in seen:
            continue
        found = _what(call, file)
        if found is None:
            continue
        seen.append(call)
        what, place = found
        yield Hit(
            call,
            f"{what} is sent before {ends}: when that fails it cannot be taken back, and whoever gets it may look "
            "for data that is not there yet; send it behind the commit",
            clue=block,
            safety=None if _can_move(call, statements, block, file) else Safety.MANUAL,
            why="What fails there no longer rolls the transaction back.",
            related=(place,) if place is not None else (),
        )


def _can_move(call: ast.Call, statements: Sequence[ast.stmt], block: str, file: File) -> bool:
    """Whether a call stands by itself at the end of a transaction and speaks of nothing that ends with it."""
    last = statements[-1] if statements else None
    if not isinstance(last, ast.Expr):
        return False
    value = last.value.value if isinstance(last.value, ast.Await) else last.value
    if value is not call:
        return False
    if block == "with" and len(statements) == 1:
        return False
    around = file.parent(last)
    waits = isinstance(around, ast.AsyncWith) or any(isinstance(one, ast.Await) for one in ast.walk(last))
    for one in ast.walk(last):
        if not isinstance(one, ast.Name) or not isinstance(one.ctx, ast.Load):
            continue
        kind = file.type_of(one)
        if isinstance(kind, Instance) and (
            is_session_class(file.types, kind.cls) or ((waits or block == "closed") and stored(kind, file) is not None)
        ):
            return False
    return True


def _what(call: ast.Call, file: File) -> tuple[str, Place | None] | None:
    """What a call sends, and where that is if it is not here."""
    callee = file.type_of(call.func)
    name = ""
    if isinstance(callee, Callee):
        name = callee.qualname
    elif isinstance(callee, Foreign):
        name = callee.path.replace("()", "")
    if name and (what := sends(name)) is not None:
        return what, None
    if isinstance(call.func, ast.Attribute) and call.func.attr in ("delay", "apply_async"):
        task = file.type_of(call.func.value)
        symbol = file.project.function(task.qualname) if isinstance(task, Callee) else None
        if symbol is not None and is_task(file.types, symbol):
            return "a task", None
    function = function_of(call, file)
    if function is None or (function.facts.is_async and not isinstance(file.parent(call), ast.Await)):
        return None
    found = _ways(file.types, function)
    if not found:
        return None
    last = found[0].steps[-1]
    pos = last.call.pos
    path = last.caller.file.path
    return f"{found[0].found} ({path}:{pos.line})", Place(path, pos.line, pos.column + 1, "sent here")


def _ways(types: Inference, function: FunctionSymbol) -> list[Route[str]]:
    def wanted(target: Target, call: CallSite) -> str | None:
        return sends(target.name)

    key = ("side-effect-in-transaction", function.qualname, function.facts.pos.line)
    return types.once(key, lambda: routes(types, function, wanted, through=runs_here, depth=_DEPTH))
