"""A path that says what is done (`/get-users`, `/createUser`), which the method of the request says already.

## Why
`GET /users` and `POST /users` are what people who use an API expect to find. With verbs in the paths each route has a
name of its own to be learned, and as soon as one of them is called `/get_user` and another `/fetchRoom` nobody can
guess.

## Example
```python
@router.post("/createUser")
def create_user(data: UserIn) -> UserRead: ...
```

## What to do
Name the thing, in the plural: `POST /users`, `GET /users/{user_id}`. Old clients may need both paths for a while.
What is no thing at all (`/login`, `/search`) is best left as it is.

## Limits
Parts of paths that begin with get, create, add, update, edit, delete, remove, fetch or list, followed by `-`, `_`, a
capital or nothing, and parts in camel case. Where more than a third of a project's paths (of ten or more) have verbs,
they are its style, and nothing is said. Whether a noun is in the plural is not looked at.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from trueup.file import File
from trueup.handlers.routes import holds_routes, route_at, routings, said
from trueup.index.facts import Call, Const
from trueup.infer import Inference
from trueup.libraries.fastapi import entries, files_with_entries
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_VERB = re.compile(r"(get|create|add|update|edit|delete|remove|fetch|list)(?=[-_A-Z]|$)")
_CAMEL = re.compile(r"[a-z][a-z0-9]*[A-Z]\w*")

_ENOUGH = 10


@rule(
    "TUF115",
    "verb-in-path",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.ADVICE,
    fix=Safety.MANUAL,
    libraries=("fastapi",),
    where=holds_routes,
    effort=5,
)
def check(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    if route_at(node, file) is None:
        return
    if file.types.shared(_speaks_in_verbs):
        return
    for _, routing in routings(node, file):
        path = said(routing, "path")
        if not isinstance(path, ast.Constant) or not isinstance(path.value, str):
            continue
        for part in path.value.split("/"):
            if "{" in part:
                continue
            verb = _VERB.match(part)
            if verb is not None:
                what = f"says `{verb[1]}`, which is for the method to say: name the thing alone"
            elif _CAMEL.fullmatch(part):
                what = "is in camel case: paths are written in small letters, with hyphens"
            else:
                continue
            yield Hit(path, f"`{part}` in the path of `{node.name}` {what}")
            break


def _speaks_in_verbs(types: Inference) -> bool:
    """Whether verbs in paths are the style of a project."""
    paths = []
    for facts in files_with_entries(types):
        for route, role in entries(types, facts):
            for one in route.facts.decorators if role.kind == "route" else ():
                path = one.args[0] if isinstance(one, Call) and one.args else None
                if isinstance(path, Const) and path.kind == "str":
                    paths.append(path.text)
    spoken = sum(any(_VERB.match(part) for part in path.split("/")) for path in paths)
    return len(paths) >= _ENOUGH and spoken * 3 > len(paths)
