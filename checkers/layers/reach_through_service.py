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

## Fix safety
The fix gives the service a method of that name that asks its repository, and calls that. It is unsafe: a service that
is replaced in tests needs the method too. There is none where the service has a method of that name already, or where
its module does not have the names that the parameters are annotated with.

## Limits
Only where the class of the service is known and is a service by its name, its module's or the configuration, and the
object that is reached for is an instance of a class that is a repository by the same signs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from msgspec import Struct

from trueup.file import File
from trueup.index.facts import Attr, Const, Expr, Name, Op, Sub
from trueup.index.project import ClassSymbol, FunctionSymbol
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
    fix=Safety.UNSAFE,
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
    made = _delegate(service, func, method, file)
    yield Hit(
        node,
        f"`{ast.unparse(func)}` reaches through the service to its repository, past what the service does around it: "
        f"give the service a method `{func.attr}`",
        clue=made,
        safety=None if made is not None else Safety.MANUAL,
        why="What stands for the service in tests needs the method too." if made is not None else "",
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


class Delegate(Struct, frozen=True):
    """The method that a service is to get."""

    path: str
    cls: str
    name: str
    code: str


def _delegate(service: ast.expr, func: ast.Attribute, method: Callee, file: File) -> Delegate | None:
    kind = without_none(file.type_of(service))
    assert isinstance(func.value, ast.Attribute) and isinstance(kind, Instance)
    symbol = file.project.klass(kind.cls)
    target = file.project.function(method.qualname)
    if symbol is None or target is None or symbol.facts.owner or symbol.facts.parent or target.facts.decorators:
        return None
    if file.types.member(kind.cls, func.attr) is not None or target.facts.is_generator:
        return None
    made = _code(target, func, symbol)
    said = [p.annotation for p in target.facts.params[1:]] + [target.facts.returns]
    for name in [name for one in said if one is not None for name in _names(one)]:
        here = file.project.lookup(symbol.file.module, name)
        if here != file.project.lookup(target.file.module, name):
            return None
    return Delegate(symbol.file.path, symbol.facts.name, func.attr, made) if made else None


def _code(target: FunctionSymbol, func: ast.Attribute, symbol: ClassSymbol) -> str:
    assert isinstance(func.value, ast.Attribute)
    params, given = ["self"], []
    starred = False
    for param in target.facts.params[1:]:
        if param.kind not in ("positional", "keyword"):
            return ""
        if param.kind == "keyword" and not starred:
            params.append("*")
            starred = True
        annotation = _written(param.annotation) if param.annotation is not None else ""
        default = _written(param.default) if param.default is not None else ""
        if annotation is None or default is None:
            return ""
        text = f"{param.name}: {annotation}" if annotation else param.name
        params.append(text + (f" = {default}" if default and annotation else f"={default}" if default else ""))
        given.append(f"{param.name}={param.name}" if param.kind == "keyword" else param.name)
    returns = _written(target.facts.returns) if target.facts.returns is not None else ""
    if returns is None:
        return ""
    start, wait = ("async def", "await ") if target.facts.is_async else ("def", "")
    return (
        f"    {start} {func.attr}({', '.join(params)}){f' -> {returns}' if returns else ''}:\n"
        f"        return {wait}self.{func.value.attr}.{func.attr}({', '.join(given)})\n"
    )


def _written(one: Expr) -> str | None:
    """An annotation or plain default as it is written; None for what is more than that."""
    if isinstance(one, Name):
        return one.id
    if isinstance(one, Attr):
        value = _written(one.value)
        return f"{value}.{one.attr}" if value is not None else None
    if isinstance(one, Const):
        return repr(one.text) if one.kind == "str" else {"none": "None", "ellipsis": "..."}.get(one.kind, one.text)
    if isinstance(one, Op) and one.op == "|":
        sides = [_written(one.left), _written(one.right)]
        return " | ".join(side for side in sides if side) if all(sides) else None
    if isinstance(one, Sub):
        value, items = _written(one.value), [_written(item) for item in one.items]
        return f"{value}[{', '.join(item for item in items if item)}]" if value and all(items) else None
    return None


def _names(one: Expr) -> list[str]:
    """The names that an annotation begins with."""
    if isinstance(one, Name):
        return [one.id]
    if isinstance(one, Attr):
        return _names(one.value)
    if isinstance(one, Op):
        return [*_names(one.left), *_names(one.right)]
    if isinstance(one, Sub):
        return [*_names(one.value), *(name for item in one.items for name in _names(item))]
    return []
