"""A route or dependency whose session does not come from `Depends`: as a bare parameter, or as one of the module.

## Why
A parameter of a session's type without `Depends` makes FastAPI refuse to start: it takes it for a field of the
request. A session that the module keeps is shared by all requests: sync routes, which run in threads, use it at the
same time, and what one of them adds the other commits.

## Example
```python
db = SessionLocal()


@router.get("/users/{user_id}")
def read_user(user_id: int) -> UserRead:
    return db.get(User, user_id)
```

## What to do
`db: Annotated[Session, Depends(get_db)]`, with a dependency that opens a session for each request and closes it.

## Limits
Sessions whose type is known. A `scoped_session` is one for each thread, and left alone. Tests are too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.index.facts import Attr, Expr, Name, Sub
from trueup.index.project import VariableSymbol
from trueup.layers import TEST, layer_of
from trueup.libraries.dependencies import provider
from trueup.libraries.fastapi import entries, entry
from trueup.libraries.sqlalchemy.sessions import is_session_class
from trueup.libraries.sqlalchemy.transactions import LIBRARIES
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Instance, Type

_SCOPED = ("scoped_session", "async_scoped_session")


@rule(
    "TUF113",
    "session-not-injected",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    libraries=LIBRARIES,
    where=lambda facts, types, config: bool(entries(types, facts)),
    url="https://fastapi.tiangolo.com/tutorial/dependencies/dependencies-with-yield/",
    effort=5,
)
def check(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    facts = file.function_at(node)
    if facts is None:
        return
    function = file.function_symbol(facts)
    role = entry(file.types, function)
    if role is None or layer_of(file.types, function, file.config) == TEST:
        return
    if role.kind == "dependency" or role.only_routed:
        for param in facts.params:
            bare = param.default is None and param.annotation is not None and not isinstance(param.annotation, Sub)
            if not bare or not _is_session(file.types.param_type(param, facts, file.facts), file):
                continue
            if provider(file.types, param, function) is None and not _is_alias(param.annotation, node, file):
                yield Hit(
                    node,
                    f"`{param.name}` of `{node.name}` is a session without `Depends`, so that FastAPI refuses to "
                    "start: write `Annotated[..., Depends(...)]`",
                    span=file.header(node),
                )
    seen: list[str] = []
    for one in file.walk(node):
        if not isinstance(one, ast.Attribute) or not isinstance(one.value, ast.Name) or one.value.id in seen:
            continue
        if not _is_session(file.type_of(one.value), file):
            continue
        symbol = file.types.symbol_of(Name(one.value.id), file.site(one.value))
        if isinstance(symbol, VariableSymbol) and symbol.file.path in file.project.files:
            seen.append(one.value.id)
            yield Hit(
                one.value,
                f"`{one.value.id}` is one session for all requests, which work in each other's transactions: let a "
                "dependency open one for each",
            )


def _is_alias(annotation: Expr | None, node: ast.AST, file: File) -> bool:
    """Whether an annotation is a name for something else, `SessionDep` say."""
    if not isinstance(annotation, Name | Attr):
        return True
    return isinstance(file.types.symbol_of(annotation, file.site(node)), VariableSymbol)


def _is_session(one: Type, file: File) -> bool:
    if not isinstance(one, Instance) or one.cls.rpartition(".")[2] in _SCOPED:
        return False
    return is_session_class(file.types, one.cls)
