"""A PATCH that writes `model_dump()` without `exclude_unset=True`: fields that were not sent become their defaults.

## Why
The client of a PATCH sends what is to change. `model_dump()` has all fields, those that were not sent with their
defaults, `None` mostly, so that changing the name of a user empties the phone number.

## Example
```python
@router.patch("/users/{user_id}")
def update_user(user_id: int, data: UserUpdate, db: Db) -> UserRead:
    for key, value in data.model_dump().items():
        setattr(user, key, value)
```

## Fix safety
The fix adds `exclude_unset=True`. It is unsafe: fields that were not sent are no longer written.

## Limits
Models that are the body of a PATCH route, in the route itself and in functions of the project that it hands the body
on to. `exclude_defaults`, `exclude_none`, `include` and `**` are left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.index.facts import Attr, Call, Name
from trueup.infer import Inference
from trueup.infer.reach import targets
from trueup.layers import TEST, layer_of_file
from trueup.libraries.fastapi import entries, files_with_entries, route_decorator
from trueup.libraries.pydantic.models import is_model
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Instance

_SAID = ("exclude_unset", "exclude_defaults", "exclude_none", "include", None)


@rule(
    "TUF122",
    "patch-overwrites-unset",
    on=ast.Call,
    names=("model_dump", "dict"),
    severity=Severity.WARNING,
    fix=Safety.UNSAFE,
    libraries=("fastapi",),
    triggers=("model_dump", "dict"),
    url="https://fastapi.tiangolo.com/tutorial/body-updates/#partial-updates-with-patch",
    effort=2,
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    func = node.func
    if not isinstance(func, ast.Attribute) or not isinstance(func.value, ast.Name) or node.args:
        return
    if any(one.arg in _SAID for one in node.keywords):
        return
    facts = file.function_at(node)
    if facts is None:
        return
    bodies = file.types.shared(_patched).get(file.qualified(facts), ())
    if func.value.id not in bodies:
        return
    yield Hit(
        node,
        f"`{ast.unparse(func)}()` has all fields, so that this PATCH overwrites those that were not sent with their "
        "defaults: say `exclude_unset=True`",
        why="Fields that were not sent are no longer written.",
    )


def _patched(types: Inference) -> dict[str, tuple[str, ...]]:
    """Function -> those of its parameters that hold the body of a PATCH."""
    found: dict[str, dict[str, None]] = {}
    for facts in files_with_entries(types):
        if layer_of_file(facts) == TEST:
            continue
        for route, role in entries(types, facts):
            site = types.definition_site(route.facts, facts)
            methods = [route_decorator(types, one, site) for one in route.facts.decorators]
            if role.kind != "route" or not methods or set(methods) != {"patch"}:
                continue
            bodies = []
            for param in route.facts.params:
                kind = types.param_type(param, route.facts, facts)
                injected = isinstance(param.default, Call)
                if isinstance(kind, Instance) and not injected and is_model(types, kind.cls):
                    bodies.append(param.name)
            found.setdefault(route.qualname, {}).update(dict.fromkeys(bodies))
            for call, reached in targets(types, route):
                for target in reached:
                    if target.function is None or target.function.file.path not in types.project.files:
                        continue
                    params = list(target.function.facts.params)
                    if target.function.facts.owner and isinstance(call.call.func, Attr):
                        params = params[1:]
                    given = [*zip(params, call.call.args, strict=False)]
                    given += [(p, v) for k, v in call.call.keywords for p in params if p.name == k]
                    for param, value in given:
                        if isinstance(value, Name) and value.id in bodies:
                            found.setdefault(target.function.qualname, {})[param.name] = None
    return {name: tuple(params) for name, params in found.items()}
