"""A page size or offset that a client may set to anything: `limit: int = 100`.

## Why
`?limit=10000000` reads the whole table into memory, `?limit=-1` is an error of the database and so a 500. One client
is enough to slow down the others.

## Example
```python
@router.get("/users")
def list_users(skip: int = 0, limit: int = 100) -> list[UserRead]: ...
```
Use instead:
```python
@router.get("/users")
def list_users(
    skip: Annotated[int, Query(ge=0)] = 0, limit: Annotated[int, Query(ge=1, le=100)] = 100
) -> list[UserRead]: ...
```

## Fix safety
The fix writes the bounds into the annotation of a plain `int` parameter: from 1 to 100, or the default where that is
more, for sizes, from 1 for pages, from 0 for offsets. It is unsafe: what lies outside is answered 422 from then on.

## Limits
Parameters of routes called `limit`, `size`, `page_size`, `per_page`, `skip`, `offset` or `page`, of the type `int`.
One that the body compares with something, or gives to `min` or `max`, is left alone. A lower bound alone is enough
for `skip`, `offset` and `page`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.handlers.routes import holds_routes, route_at, routings
from trueup.index.facts import Param
from trueup.libraries.parameters import marker
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_SIZES = ("limit", "size", "page_size", "per_page")
_STARTS = {"page": 1, "skip": 0, "offset": 0}
_MOST = 100
_LOWER, _UPPER = ("ge", "gt"), ("le", "lt")


@rule(
    "TUF114",
    "unbounded-page-size",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.ADVICE,
    fix=Safety.UNSAFE,
    libraries=("fastapi",),
    where=lambda facts, types, config: (
        any(p.name in _SIZES or p.name in _STARTS for f in facts.functions for p in f.params)
        and holds_routes(facts, types, config)
    ),
    url="https://fastapi.tiangolo.com/tutorial/query-params-str-validations/",
)
def check(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    route = route_at(node, file)
    if route is None or not routings(node, file):
        return
    args = [*node.args.posonlyargs, *node.args.args]
    defaults: list[ast.expr | None] = [None] * (len(args) - len(node.args.defaults))
    given = list(
        zip([*args, *node.args.kwonlyargs], [*defaults, *node.args.defaults, *node.args.kw_defaults], strict=True)
    )
    loose: dict[str, str] = {}
    plain = True
    for param in route.facts.params:
        if param.name not in _SIZES and param.name not in _STARTS:
            continue
        arg, default = next((a, d) for a, d in given if a.arg == param.name)
        if arg.annotation is None or _is_looked_at(param.name, node):
            continue
        bare = isinstance(arg.annotation, ast.Name) and arg.annotation.id == "int"
        has = _bounds(arg.annotation, default, param, file)
        if has is None or ("lower" in has and ("upper" in has or param.name in _STARTS)):
            continue
        number = isinstance(default, ast.Constant) and type(default.value) is int
        plain = plain and bare and number
        loose[param.name] = _said(param.name, default)
    if loose:
        names = " and ".join(f"`{name}`" for name in loose)
        yield Hit(
            node,
            f"{names} of `{node.name}` may be any number, {_so(loose)}: say "
            + ", ".join(f"`Query({bounds})`" for bounds in loose.values()),
            clue=tuple(loose.items()),
            safety=None if plain else Safety.MANUAL,
            why="Requests for more are answered 422 from then on." if plain else "",
            span=file.header(node),
        )


def _so(loose: dict[str, str]) -> str:
    if any(name in _SIZES for name in loose):
        return "so that one request reads all there is"
    return "and a negative one is an error of the database, so a 500"


def _said(name: str, default: ast.expr | None) -> str:
    if name in _STARTS:
        return f"ge={_STARTS[name]}"
    usual = default.value if isinstance(default, ast.Constant) and type(default.value) is int else 0
    return f"ge={min(1, usual) if usual else 1}, le={max(_MOST, usual)}"


def _bounds(annotation: ast.expr, default: ast.expr | None, param: Param, file: File) -> frozenset[str] | None:
    """Which bounds a parameter has; None for one that is no number of the query."""
    calls = [one for one in ast.walk(annotation) if isinstance(one, ast.Call)]
    if isinstance(default, ast.Call):
        calls.append(default)
        if marker(file.types, param.default, file.site(default)) != "Query":
            return None
    elif not isinstance(annotation, ast.Subscript) and not (
        isinstance(annotation, ast.Name) and annotation.id == "int"
    ):
        return None
    names = [one.id for one in ast.walk(annotation) if isinstance(one, ast.Name)]
    if "int" not in names or any(
        one.func.id not in ("Query", "Field") for one in calls if isinstance(one.func, ast.Name)
    ):
        return None
    said = {key.arg for one in calls for key in one.keywords}
    if None in said:
        return None
    found = [side for side, keys in (("lower", _LOWER), ("upper", _UPPER)) if not said.isdisjoint(keys)]
    return frozenset(found)


def _is_looked_at(name: str, node: ast.AST) -> bool:
    """Whether a function compares a parameter or limits it itself."""
    for one in ast.walk(node):
        parts: list[ast.expr] = []
        if isinstance(one, ast.Compare):
            parts = [one.left, *one.comparators]
        elif isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id in ("min", "max"):
            parts = one.args
        if any(isinstance(part, ast.Name) and part.id == name for part in parts):
            return True
    return False
