"""A generator annotated with what it yields: `-> AsyncSession` over a `yield session`.

## Why
What the function returns is an iterator. Type checkers refuse the annotation, and whoever calls the function because
of it gets a generator where a session was promised.

## Example
```python
async def get_db() -> AsyncSession:
    async with sessions() as session:
        yield session
```
Use instead:
```python
async def get_db() -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session
```

## Fix safety
The fix puts the annotation into `Iterator[...]` or `AsyncIterator[...]`. It is safe: FastAPI does not read what a
dependency says it returns.

## Limits
Functions with a `yield`, without decorators or with those of `contextlib`, `pytest` or `pytest_asyncio`, whose
annotation is certainly a class that is no kind of iterator. What only makes a generator of one's own class is not
known.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import NONE, Instance

_MAKERS = ("contextlib.contextmanager", "contextlib.asynccontextmanager")


@rule(
    "TUC116",
    "generator-annotation",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=("fastapi", "sqlalchemy", "sqlmodel"),
    triggers=("yield",),
    where=lambda facts, types, config: any(one.is_generator and one.returns is not None for one in facts.functions),
    url="https://docs.python.org/3/library/collections.abc.html#collections.abc.AsyncIterator",
)
def check(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    facts = file.function_at(node)
    if facts is None or not facts.is_generator or node.returns is None:
        return
    decorators = [file.qualname(one) for one in node.decorator_list if isinstance(one, ast.Name | ast.Attribute)]
    if len(decorators) != len(node.decorator_list) or not all(one in _MAKERS for one in decorators):
        return
    kind = file.annotation(node.returns)
    if not isinstance(kind, Instance) or kind == NONE:
        return
    mro = file.types.mro(kind.cls)
    if (
        not mro.complete
        or any(name.rpartition(".")[2] in _ITERATORS for name in mro.names)
        or _iterates(kind.cls, file)
    ):
        return
    wanted = "AsyncIterator" if isinstance(node, ast.AsyncFunctionDef) else "Iterator"
    said = ast.unparse(node.returns)
    managed = kind.cls.rpartition(".")[2] in _MANAGERS
    yield Hit(
        node,
        f"`{node.name}` has a `yield`, so it returns an iterator and no `{said}`: write "
        + (f"`{wanted}[...]`, with what the manager gives" if managed else f"`{wanted}[{said}]`"),
        clue=wanted,
        safety=Safety.MANUAL if managed else None,
        span=file.header(node),
    )


_ITERATORS = ("Iterator", "Generator", "AsyncIterator", "AsyncGenerator", "Iterable", "AsyncIterable")
_MANAGERS = ("AbstractContextManager", "AbstractAsyncContextManager", "ContextManager", "AsyncContextManager")


def _iterates(cls: str, file: File) -> bool:
    return any(file.types.member(cls, name) is not None for name in ("__next__", "__anext__"))
