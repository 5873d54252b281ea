"""A Celery task that is `async def`: the worker makes a coroutine and never runs it.

## Why
Celery calls a task like any function. What an `async def` gives is a coroutine, which the worker drops or fails to
store as a result: the task counts as done and has done nothing.

## What to do
Make the task a plain `def` that calls `asyncio.run(work(...))`, where `work` is what the task is now.

## Limits
Only tasks that are declared by a decorator of Celery's own are found. Where the project imports an add-on for asyncio,
nothing is reported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_TASKS = frozenset({"celery.shared_task", "celery.Celery.task", "celery.app.shared_task"})
_ADD_ONS = frozenset({"celery_aio_pool", "celery_pool_asyncio", "aiotasks", "celery_decorator_taskcls"})


@rule(
    "TUA111",
    "async-celery-task",
    on=ast.AsyncFunctionDef,
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    libraries=("celery",),
    triggers=("async def",),
    where=lambda facts, types, config: any(f.is_async and f.decorators for f in facts.functions),
    url="https://docs.celeryq.dev/en/stable/userguide/tasks.html",
    effort=10,
)
def check(node: ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    for decorator in node.decorator_list:
        plain = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = file.qualname(plain) or getattr(file.type_of(plain), "qualname", "")
        if name in _TASKS and len(node.decorator_list) == 1 and not file.project.imports_any(_ADD_ONS):
            yield Hit(
                node,
                f"the task `{node.name}` does nothing: Celery calls it and never awaits what it gives; make it a plain "
                "`def` that runs its work with `asyncio.run(...)`",
                span=file.header(node),
            )
