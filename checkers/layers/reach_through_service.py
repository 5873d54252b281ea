"""A route that reaches through a service to its repository: `service.repo.list()`.

## Why
What a service does around its repository (permissions, events, the commit) is left out, and the route now depends on
how the service is made. The service cannot exchange its repository any more without changing the routes.

## Example
```python
@router.get("/rooms")
def list_rooms(service: RoomService = Depends(get_room_service)) -> list[RoomRead]:
    return service.repo.list()
```

## What to do
Give the service a method of that name that asks its repository, and call that.

## Limits
Only where the class of the service is known and is a service by its name, its module's or the configuration, and the
object that is reached for is an instance of a class that is a repository by the same signs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.index.project import FunctionSymbol
from trueup.layers import REPOSITORY, ROUTER, SERVICE, layer_of
from trueup.libraries.fastapi import entries
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Callee, Instance, without_none


@rule(
    "TUL103",
    "reach-through-service",
    on=ast.Call,
    severity=Severity.WARNING,
    fix=Safety.MANUAL,
    libraries=("fastapi",),
    where=lambda facts, types, config: any(role.kind != "dependency" for _, role in entries(types, facts)),
    effort=5,
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    func = node.func
    if not isinstance(func, ast.Attribute) or not isinstance(func.value, ast.Attribute):
        return
    service, repository = func.value.value, func.value
    facts = file.function_at(node)
    if facts is None or not _is(service, SERVICE, file):
        return
    method = file.type_of(func)
    if not isinstance(method, Callee) or not _is(repository, REPOSITORY, file):
        return
    caller = file.function_symbol(facts)
    if layer_of(file.types, caller, file.config) != ROUTER:
        return
    yield Hit(
        node,
        f"`{ast.unparse(func)}` reaches through the service to its repository, past what the service does around it: "
        f"give the service a method `{func.attr}`",
        span=file.span(func),
    )


def _is(node: ast.expr, layer: str, file: File) -> bool:
    """Whether an expression is an object of a class of some layer."""
    one = without_none(file.type_of(node))
    if not isinstance(one, Instance):
        return False
    symbol = file.project.klass(one.cls)
    if symbol is None or symbol.file.path not in file.project.files:
        return False
    methods = [f for f in symbol.file.functions if f.owner == symbol.facts.qualname]
    if not methods:
        return False
    first = FunctionSymbol(f"{symbol.file.module}.{methods[0].qualname}", symbol.file, methods[0], (methods[0],))
    return layer_of(file.types, first, file.config) == layer
