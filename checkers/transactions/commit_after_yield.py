"""A dependency that commits behind its `yield`, when the client may already have its answer.

## Why
FastAPI before 0.106, and again since 0.118, runs what stands behind the `yield` of a dependency after the response
was sent. A commit there that fails (a deferred constraint, a lost connection, a serialisation error) is told to
nobody: the client was answered 200 and the data is gone. A client that reads at once what it has just written may not
find it.

## Example
```python
def get_db() -> Iterator[Session]:
    with SessionLocal() as session:
        yield session
        session.commit()
```

The best is to commit where the unit of work ends, in the service or the route, and to let the dependency only close
the session: which of the two is a person's to say. From FastAPI 0.121 on `Depends(get_db, scope="function")` ends the
dependency before the response is sent.

## Fix safety
In a project that is to run on FastAPI 0.121 or newer the fix says `scope="function"` in each `Depends` of the
dependency, all of them or none; these are reported too. It is unsafe: the session is closed when the route returns,
so that what is sent later (a background task, a generator) can use it no longer. There is none where another
dependency with a `yield` stands on it, where a route that gets it makes a `StreamingResponse`, or where the `yield`
stands inside `with session.begin()`.

## Limits
Only functions that stand in a `Depends(...)` of the project are looked at; one that is always used with
`scope="function"` is left alone. From 0.106 to 0.117 the order was the other one: a project that is locked to one of
these versions is told nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.index.facts import Const, FileFacts
from trueup.index.project import FunctionSymbol
from trueup.infer import Inference
from trueup.infer.annotated import DEPENDS
from trueup.infer.flow import chain
from trueup.layers import TEST, layer_of
from trueup.libraries.dependencies import provider
from trueup.libraries.fastapi import entries, entry
from trueup.libraries.sqlalchemy.transactions import LIBRARIES, is_handler, session_methods, steps_to
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Callee

from .session_calls import gets_to, transaction

_COMMITS = session_methods("commit")
_SCOPED = (0, 121)
"""The first FastAPI whose `Depends` has a scope."""


@rule(
    "TUT103",
    "commit-after-yield",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.WARNING,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    versions="fastapi<0.106 | >=0.118",
    triggers=("yield", "Depends"),
    where=lambda facts, types, config: any(f.is_generator for f in facts.functions),
    url="https://fastapi.tiangolo.com/advanced/advanced-dependencies/",
    effort=10,
)
def check(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    facts = file.function_at(node)
    if facts is None or not facts.is_generator:
        return
    function = file.function_symbol(facts)
    role = entry(file.types, function)
    if role is None or role.kind != "dependency" or layer_of(file.types, function, file.config) == TEST:
        return
    found = _commit(node, file)
    if found is None or _ends_early(file.types, function):
        return
    how = "its transaction ends" if isinstance(found, ast.With | ast.AsyncWith) else "it commits"
    owner = file.config.choice("transaction-owner") == "dependency"
    instead = "" if owner else "commit in the service or the route, or "
    yield Hit(
        found,
        f"`{node.name}` is a dependency and {how} behind its `yield`: since FastAPI 0.118 (and before 0.106) that is "
        f"after the response was sent, so a commit that fails is told to nobody; {instead}"
        'depend on it with `scope="function"`',
        safety=Safety.MANUAL,
        span=file.span(found.items[0].context_expr) if isinstance(found, ast.With | ast.AsyncWith) else None,
    )


def _commit(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> ast.Call | ast.With | ast.AsyncWith | None:
    """The commit behind the first `yield`, or the transaction around it."""
    nodes = list(file.walk(node))
    given = next((one for one in nodes if isinstance(one, ast.Yield)), None)
    if given is None:
        return None
    around: ast.AST | None = given
    while around is not None and around is not node:
        around = file.parent(around)
        if isinstance(around, ast.With | ast.AsyncWith) and transaction(around, file) is not None:
            return around
    at = (given.lineno, given.col_offset)
    for one in nodes:
        if not isinstance(one, ast.Call) or (one.lineno, one.col_offset) < at or _is_handling(one, file):
            continue
        if gets_to(one, file, _COMMITS):
            return one
    return None


def _is_handling(node: ast.AST, file: File) -> bool:
    one = file.parent(node)
    while one is not None and not isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
        if isinstance(one, ast.ExceptHandler):
            return True
        one = file.parent(one)
    return False


def _ends_early(types: Inference, function: FunctionSymbol) -> bool:
    """Whether every `Depends` of a dependency says `scope="function"`."""
    scopes: list[bool] = []
    for site, one in types.calls_named("Depends"):
        if types.qualname(one.call.func, site) not in DEPENDS or not one.call.args:
            continue
        if types.type_of(one.call.args[0], site) == Callee(function.qualname):
            scopes.append(dict(one.call.keywords).get("scope") == Const("str", "function"))
    return bool(scopes) and all(scopes)


# Where it is depended on ----------------------------------------------------------------------------------------------


@rule(
    "TUT103",
    "commit-after-yield",
    on=ast.Call,
    severity=Severity.WARNING,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    versions="fastapi<0.106 | >=0.118",
    triggers=("yield", "Depends"),
    where=lambda facts, types, config: "Depends" in facts.called and facts.path in types.shared(_depending),
    url="https://fastapi.tiangolo.com/advanced/advanced-dependencies/",
    effort=10,
)
def check_use(node: ast.Call, file: File) -> Iterator[Hit]:
    target = file.config.targets.get("fastapi")
    if target is None or _numbers(target.version) < _SCOPED:
        return
    at = file.types.shared(_depending).get(file.path, {}).get((node.lineno, node.col_offset))
    if at is None:
        return
    name, members = at
    yield Hit(
        node,
        f"`{name.rpartition('.')[2]}` commits behind its `yield`, after the response was sent: say "
        '`scope="function"`, so that it ends before',
        why="The session is closed when the route returns: what is sent later can use it no longer.",
        group=f"TUT103 {name}",
        members=members,
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


def _depending(types: Inference) -> dict[str, dict[tuple[int, int], tuple[str, int]]]:
    """Path -> place of a `Depends` that is to say its scope -> (the dependency, how many such there are)."""
    uses: dict[str, list[tuple[str, int, int]]] = {}
    for site, one in types.calls_named("Depends"):
        if types.qualname(one.call.func, site) not in DEPENDS or not one.call.args:
            continue
        given = types.type_of(one.call.args[0], site)
        if isinstance(given, Callee) and "scope" not in dict(one.call.keywords):
            uses.setdefault(given.qualname, []).append((site.file.path, one.pos.line, one.pos.column))
    found: dict[str, dict[tuple[int, int], tuple[str, int]]] = {}
    for name, places in uses.items():
        function = types.project.function(name)
        if function is None or not _commits_behind(types, function) or _is_needed_longer(types, name):
            continue
        for path, line, column in places:
            found.setdefault(path, {})[line, column] = (name, len(places))
    return found


def _commits_behind(types: Inference, function: FunctionSymbol) -> bool:
    """Whether a dependency calls something that commits behind its first `yield`, outside any `except`."""
    facts = function.facts
    if not facts.yielded or function.file.path not in types.project.files:
        return False
    _, line, column = facts.yielded[0]
    steps = steps_to(types, function, _COMMITS)
    return any(
        (call.pos.line, call.pos.column) > (line, column)
        and not any(is_handler(facts.scope.blocks, block) for block in chain(facts.scope.blocks, call.block))
        for call, _ in steps
    )


def _is_needed_longer(types: Inference, name: str) -> bool:
    """Whether something with a `yield`, or a route that streams, gets what a dependency gives."""
    for facts in types.project.files.values():
        if not facts.imported or not _speaks_of(facts):
            continue
        for function, _ in entries(types, facts):
            if not any(provider(types, param, function) == name for param in function.facts.params):
                continue
            if function.facts.is_generator or "StreamingResponse" in facts.called:
                return True
    return False


def _speaks_of(facts: FileFacts) -> bool:
    return bool({"fastapi", "starlette"} & set(facts.imported)) or any(f.params for f in facts.functions)
