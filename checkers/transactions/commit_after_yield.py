"""A dependency that commits behind its `yield`, when the client may already have its answer.

## Why
FastAPI before 0.106, and again since 0.118, runs what stands behind the `yield` of a dependency after the response was
sent. A commit there that fails (a deferred constraint, a lost connection, a serialisation error) is told to nobody: the
client was answered 200 and the data is gone. A client that reads at once what it has just written may not find it.

## Example
```python
def get_db() -> Iterator[Session]:
    with SessionLocal() as session:
        yield session
        session.commit()
```

## What to do
Commit where the unit of work ends, in the service or the route, and let the dependency only close the session. From
FastAPI 0.121 on `Depends(get_db, scope="function")` ends the dependency before the response is sent; all that depend
on it must say the same.

## Limits
Only functions that stand in a `Depends(...)` of the project are looked at; one that is always used with
`scope="function"` is left alone. From 0.106 to 0.117 the order was the other one: a project that is locked to one of
these versions is told nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.index.facts import Const
from trueup.index.project import FunctionSymbol
from trueup.infer import Inference
from trueup.infer.annotated import DEPENDS
from trueup.layers import TEST, layer_of
from trueup.libraries.fastapi import entry
from trueup.libraries.sqlalchemy.transactions import LIBRARIES, session_methods
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Callee

from .session_calls import gets_to, transaction

_COMMITS = session_methods("commit")


@rule(
    "TUT103",
    "commit-after-yield",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.WARNING,
    fix=Safety.MANUAL,
    libraries=LIBRARIES,
    versions="fastapi<0.106 | >=0.118",
    triggers=("yield",),
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
    yield Hit(
        found,
        f"`{node.name}` is a dependency and {how} behind its `yield`: since FastAPI 0.118 (and before 0.106) that is "
        "after the response was sent, so a commit that fails is told to nobody; commit in the service or the route, "
        'or depend on it with `scope="function"`',
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
