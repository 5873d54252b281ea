"""`session.begin()` on a session that was already used, which raises because its transaction has begun by itself.

## Why
A session begins a transaction with the first statement it sends. `session.begin()` behind that raises
`InvalidRequestError: A transaction is already begun on this Session`. In a route that is hard to see: FastAPI gives
all dependencies of a request the same session, and the one that looks up the current user has used it before the
route begins.

## Example
```python
@router.post("/orders")
def create_order(data: OrderIn, db: Session = Depends(get_db), user: User = Depends(current_user)) -> None:
    with db.begin():  # raises: `current_user` has read from the same session
        db.add(Order(owner_id=user.id, **data.model_dump()))
```

## Fix safety
The fix leaves the `with` out and puts a `commit()` behind its statements; the transaction has begun. It is unsafe:
the code did nothing but raise so far. There is none where the block is left early (`return`, `break`), where
something around it catches errors, or where the `with` has other parts. For a part that may fail by itself there is
`session.begin_nested()`.

## Limits
Uses of the session are seen in the same function, in the statements that certainly ran before, and in the route's
dependencies, three deep; also of a route that gets to the `begin()` through calls, where all its dependencies know of
one session alone. A session that was committed, rolled back or closed in between may begin again.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.index.facts import Attr, Function, Name
from trueup.index.project import FunctionSymbol
from trueup.infer import Inference
from trueup.infer.reach import targets
from trueup.libraries.dependencies import provider
from trueup.libraries.fastapi import entries, files_with_entries
from trueup.libraries.sqlalchemy.sessions import is_session_class
from trueup.libraries.sqlalchemy.transactions import LIBRARIES, session_of, ways_to
from trueup.model import Hit, Place, Safety, Severity
from trueup.registry import rule
from trueup.types import Callee, Instance

from .session_calls import BEGIN, ENDS, USES, called_on, same

_DEPTH = 3


@rule(
    "TUT106",
    "begin-on-used-session",
    on=ast.Call,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    triggers=("begin",),
    where=lambda facts, types, config: "begin" in facts.called,
    url="https://docs.sqlalchemy.org/en/20/orm/session_transaction.html",
    effort=5,
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    session = called_on(node, file, BEGIN)
    facts = file.function_at(node)
    if session is None or facts is None or node.args or node.keywords:
        return
    used = _used_before(node, session, file) or _used_by_dependency(session, facts, file)
    via = ""
    if used is None:
        at = file.types.shared(_begun_below).get(file.path, {}).get((node.lineno, node.col_offset))
        if at is None:
            return
        route, used = at
        via = f" where the route `{route}` gets here"
    name = ast.unparse(session)
    yield Hit(
        node,
        f"`{name}` has begun its transaction already{via} ({used.path}:{used.line}: {used.message}), so this raises "
        f"`InvalidRequestError`: leave `begin()` out and call `{name}.commit()` behind the last write",
        related=(used,),
        clue=name,
        safety=None if _can_go(node, file) else Safety.MANUAL,
        why="So far this did nothing but raise." if _can_go(node, file) else "",
    )


def _can_go(node: ast.Call, file: File) -> bool:
    """Whether the `with` around a call can make way for its statements and a commit."""
    item = file.parent(node)
    block = file.parent(item) if isinstance(item, ast.withitem) else None
    if not isinstance(block, ast.With | ast.AsyncWith) or len(block.items) > 1 or block.items[0].optional_vars:
        return False
    if any(
        isinstance(one, ast.Return | ast.Break | ast.Continue | ast.Yield) for s in block.body for one in file.walk(s)
    ):
        return False
    around: ast.AST | None = file.parent(block)
    while around is not None and not isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef):
        if isinstance(around, ast.Try | ast.With | ast.AsyncWith):
            return False
        around = file.parent(around)
    return True


def _used_before(node: ast.Call, session: ast.expr, file: File) -> Place | None:
    """The last use in a statement that certainly ran before, if nothing has ended the transaction since."""
    if not isinstance(session, ast.Name | ast.Attribute):
        return None
    statement: ast.AST = node
    while not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        parent = file.parent(statement)
        if parent is None or isinstance(parent, ast.For | ast.AsyncFor | ast.While | ast.Lambda):
            return None
        if isinstance(statement, ast.stmt):
            found, ended = _last(_before(parent, statement), session, file)
            if found is not None or ended:
                return found
        if isinstance(parent, ast.With | ast.AsyncWith) and any(
            item.optional_vars is not None and same(session, item.optional_vars) for item in parent.items
        ):
            return None
        statement = parent
    return None


def _before(parent: ast.AST, statement: ast.AST) -> list[ast.stmt]:
    """The statements before one in its own block."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(parent, name, [])
        if isinstance(block, list) and statement in block:
            return list(block[: block.index(statement)])
    return []


def _last(statements: list[ast.stmt], session: ast.expr, file: File) -> tuple[Place | None, bool]:
    """(the last use of a session that certainly ran, whether anything may have ended its transaction since)."""
    for one in reversed(statements):
        plain = isinstance(one, ast.Expr | ast.Assign | ast.AnnAssign | ast.Return | ast.AugAssign)
        for node in reversed(list(file.walk(one))):
            if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store) and same(session, node):
                return None, True
            if not isinstance(node, ast.Call):
                continue
            ends = called_on(node, file, ENDS)
            if ends is not None and same(session, ends):
                return None, True
            handed = [*node.args, *[k.value for k in node.keywords]]
            if any(same(session, arg) for arg in handed):
                return None, True
            uses = called_on(node, file, _SENDS)
            if plain and uses is not None and same(session, uses):
                return file.place(node, f"`{ast.unparse(node.func)}`"), False
            begun = called_on(node, file, BEGIN)
            if begun is not None and same(session, begun):
                return None, True
    return None, False


_SENDS = USES - {f"{cls}.query" for cls in {name.rpartition(".")[0] for name in USES}}
"""`query()` alone sends nothing."""


# Dependencies ---------------------------------------------------------------------------------------------------------


def _used_by_dependency(session: ast.expr, facts: Function, file: File) -> Place | None:
    """Where another dependency of the function has used the session that FastAPI gives it."""
    if not isinstance(session, ast.Name):
        return None
    types = file.types
    function = file.function_symbol(facts)
    own = next((p for p in facts.params if p.name == session.id), None)
    given = provider(types, own, function) if own is not None else None
    if given is None:
        return None
    for param in facts.params:
        other = provider(types, param, function)
        if param is not own and other is not None and other != given:
            found = _use_in(types, other, given, _DEPTH)
            if found is not None:
                return found
    return None


def _use_in(types: Inference, name: str, given: str, depth: int) -> Place | None:
    """The first certain use, in a dependency or in those below it, of the session that another one gives."""
    function = types.project.function(name)
    if function is None or function.file.path not in types.project.files or not depth:
        return None
    for param in function.facts.params:
        below = provider(types, param, function)
        if below == given:
            ended = False
            place: Place | None = None
            for call, reached in targets(types, function):
                if not isinstance(call.call.func, Attr) or session_of(call) != Name(param.name):
                    continue
                if any(target.name in ENDS for target in reached):
                    ended = True
                if call.block == 0 and any(target.name in _SENDS for target in reached):
                    pos = call.pos
                    words = f"`{function.facts.name}` uses the same session"
                    place = place or Place(function.file.path, pos.line, pos.column + 1, words)
            if place is not None and not ended:
                return place
        elif below is not None:
            found = _use_in(types, below, given, depth - 1)
            if found is not None:
                return found
    return None


def _begun_below(types: Inference) -> dict[str, dict[tuple[int, int], tuple[str, Place]]]:
    """Path -> place of a `begin()` -> (a route that gets there with a session in use, where that was used)."""
    found: dict[str, dict[tuple[int, int], tuple[str, Place]]] = {}
    for facts in files_with_entries(types):
        if not {"fastapi", "starlette"} & set(facts.imported):
            continue
        for route, role in entries(types, facts):
            if role.kind != "route":
                continue
            given = _providers(types, route)
            sessions = [one for one in given if _is_session(types, one)]
            if len(sessions) != 1:
                continue
            used = next((p for one in given if (p := _use_in(types, one, sessions[0], _DEPTH)) is not None), None)
            if used is None:
                continue
            ways = ways_to(types, route, BEGIN)
            ends = [way.steps[0].call.pos.line for way in ways_to(types, route, ENDS)]
            for way in ways:
                last = way.steps[-1]
                if len(way.steps) < 2 or any(line <= way.steps[0].call.pos.line for line in ends):
                    continue
                pos = last.call.pos
                places = found.setdefault(last.caller.file.path, {})
                places.setdefault((pos.line, pos.column), (route.facts.name, used))
    return found


def _providers(types: Inference, route: FunctionSymbol) -> list[str]:
    """The functions that give the parameters of a route, and those of these, each once."""
    found: dict[str, None] = {}
    waiting = [route]
    while waiting:
        function = waiting.pop(0)
        for param in function.facts.params:
            name = provider(types, param, function)
            if name is None or name in found:
                continue
            found[name] = None
            below = types.project.function(name)
            if below is not None:
                waiting.append(below)
    return list(found)


def _is_session(types: Inference, name: str) -> bool:
    """Whether a dependency gives a session."""
    function = types.project.function(name)
    made = types.dependency(Callee(name)) if function is not None else None
    return isinstance(made, Instance) and is_session_class(types, made.cls)
