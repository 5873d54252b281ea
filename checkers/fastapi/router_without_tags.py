"""An `APIRouter` without tags, whose routes stand in one heap in the documentation.

## Why
Swagger, ReDoc and generated clients group routes by their tags; without any, all routes of all routers are one group
called `default`.

## Example
```python
router = APIRouter(prefix="/users")
```

## What to do
`APIRouter(prefix="/users", tags=["users"])`. A path that begins all routes of a router alike belongs in `prefix`.

## Limits
A router whose routes have tags of their own, or that is included with `tags=` somewhere, is left alone, and so are
routers without any route of theirs that others include, and tests.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.index.facts import Attr, Call, Const, FileFacts, Name
from trueup.infer import Inference, Site
from trueup.layers import TEST, layer_of_file
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import ClassObject, ModuleObject

_METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "api_route")


@rule(
    "TUF110",
    "router-without-tags",
    on=ast.Assign,
    severity=Severity.ADVICE,
    fix=Safety.MANUAL,
    libraries=("fastapi",),
    triggers=("APIRouter",),
    where=lambda facts, types, config: "APIRouter" in facts.called and layer_of_file(facts) != TEST,
    url="https://fastapi.tiangolo.com/tutorial/bigger-applications/",
)
def check(node: ast.Assign, file: File) -> Iterator[Hit]:
    made, target = node.value, node.targets[0]
    if not isinstance(made, ast.Call) or not isinstance(target, ast.Name) or file.function_at(node) is not None:
        return
    if file.type_of(made.func) != ClassObject("fastapi.APIRouter"):
        return
    given = {one.arg for one in made.keywords}
    if None in given:
        return
    routes = [
        one
        for function in file.facts.functions
        for one in function.decorators
        if isinstance(one, Call)
        and isinstance(one.func, Attr)
        and one.func.attr in _METHODS
        and one.func.value == Name(target.id)
    ]
    if not routes:
        return
    if "tags" not in given and not all(any(key == "tags" for key, _ in one.keywords) for one in routes):
        if f"{file.module}.{target.id}" in file.types.shared(_tagged):
            return
        yield Hit(
            made,
            f"the {len(routes)} routes of `{target.id}` stand under `default` in the documentation: give it "
            "`tags=[...]`",
        )
    elif "prefix" not in given and (prefix := _prefix(routes)):
        yield Hit(made, f"all routes of `{target.id}` begin with `{prefix}`: say `prefix={prefix!r}` once")


def _prefix(routes: list[Call]) -> str:
    """What the paths of all of several routes begin with."""
    first = set()
    for one in routes:
        path = one.args[0] if one.args else dict(one.keywords).get("path")
        if not isinstance(path, Const) or path.kind != "str":
            return ""
        first.add("/".join(path.text.split("/")[:2]))
    [prefix, *others] = first
    return prefix if len(routes) > 1 and not others and len(prefix) > 1 and "{" not in prefix else ""


def _tagged(types: Inference) -> frozenset[str]:
    """The routers that are included with tags."""
    found: set[str] = set()
    for site, one in types.calls_named("include_router"):
        if any(key in ("tags", "**") for key, _ in one.call.keywords) and one.call.args:
            name = types.qualname(one.call.args[0], site)
            if name is not None:
                found.add(name)
            elif isinstance(one.call.args[0], Attr):
                found |= _of_module(types, one.call.args[0], site.file)
    return frozenset(found)


def _of_module(types: Inference, given: Attr, file: FileFacts) -> set[str]:
    """`users.router` where `users` is a module."""
    value = types.type_of(given.value, Site(file))
    return {f"{value.name}.{given.attr}"} if isinstance(value, ModuleObject) else set()
