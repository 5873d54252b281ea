"""A parameter with `Depends(...)`, `Query(...)` or the like as its default, where `Annotated` is for that.

## Why
With `db: Session = Depends(get_db)` the default is not what the annotation says: whoever calls the function without the
argument (a test, another function) gets a `Depends` object, and no type checker warns. With
`db: Annotated[Session, Depends(get_db)]` the parameter is required, a real default stays a default, and the annotation
can be given a name and used again. FastAPI has it since 0.95, and recommends it.

## Example
```python
@router.get("/users")
def list_users(limit: int = Query(10, le=100), db: Session = Depends(get_db)) -> list[UserRead]: ...
```
Use instead:
```python
@router.get("/users")
def list_users(
    limit: Annotated[int, Query(le=100)] = 10, *, db: Annotated[Session, Depends(get_db)]
) -> list[UserRead]: ...
```

## Fix safety
The fix moves the marker into the annotation. Where a parameter without a default would stand behind one with a default,
it puts a `*` in front of that one: FastAPI calls by name. It is safe, the application's OpenAPI stays as it is. Where a
decorator that is not the router's own stands on the function, which may call it by position, it is unsafe. There is
none where the function is called somewhere, where a parameter has no annotation, one in quotes, or an `Annotated`
already, where a marker takes its arguments from a list or dict, and for methods and for functions within functions in a
module with `from __future__ import annotations`, whose names FastAPI could not find any more.

## Limits
Functions that FastAPI calls, as far as is known: routes of routers whose class is known, and functions in
`Depends(...)`. Classes as dependencies and tests are left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from msgspec import Struct

from trueup.file import File
from trueup.index.extract import expression
from trueup.index.facts import Attr, Function, Name, Sub
from trueup.index.project import FunctionSymbol, VariableSymbol
from trueup.infer import Site
from trueup.layers import TEST, layer_of
from trueup.libraries.fastapi import Entry, entries, entry
from trueup.libraries.parameters import marker
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Callee

_ANNOTATED = "typing.Annotated"
_WITHOUT_VALUE = ("Depends", "Security")


class Marked(Struct, frozen=True):
    """The parameters to change."""

    names: tuple[str, ...]
    without_value: tuple[str, ...]
    """Those among them whose marker never holds a default: `Depends` and `Security`."""
    star_before: str = ""
    """The parameter that a `*` must stand in front of; empty for none."""


@rule(
    "TUF101",
    "marker-as-default",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=("fastapi",),
    versions="fastapi>=0.95",
    where=lambda facts, types, config: bool(entries(types, facts)),
    url="https://fastapi.tiangolo.com/tutorial/dependencies/#share-annotated-dependencies",
    ruff=("B008", "FAST002"),
)
def check(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterator[Hit]:
    facts = file.function_at(node)
    if facts is None:
        return
    site = file.types.definition_site(facts, file.facts)
    marked = [(p, found) for p in facts.params if (found := marker(file.types, p.default, site)) is not None]
    if not marked:
        return
    function = file.function_symbol(facts)
    role = entry(file.types, function)
    if role is None or layer_of(file.types, function, file.config) == TEST:
        return
    names = tuple(p.name for p, _ in marked)
    star, why = _star(node, names, file)
    why = _obstacle(node, names, file, function) or why
    safety: Safety | None = Safety.MANUAL if why else None
    if not why and not _is_bare(role, facts):
        safety, why = Safety.UNSAFE, "another decorator stands on it, which may call it by position"
    said = ", ".join(f"`{name}`" for name in names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    yield Hit(
        node,
        f"{said} of `{node.name}` {'has' if len(names) == 1 else 'have'} a marker of FastAPI as default: write "
        f"`Annotated[..., {marked[0][1]}(...)]`, so that the default is what the annotation says",
        clue=Marked(names, tuple(p.name for p, found in marked if found in _WITHOUT_VALUE), star),
        safety=safety,
        why=why,
        span=file.header(node),
    )


def _is_bare(role: Entry, facts: Function) -> bool:
    return not facts.decorators if role.kind == "dependency" else role.only_routed


def _arguments(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[tuple[ast.arg, ast.expr | None]]:
    """The parameters that may stand by position, with their defaults."""
    args = [*node.args.posonlyargs, *node.args.args]
    missing: list[ast.expr | None] = [None] * (len(args) - len(node.args.defaults))
    return list(zip(args, [*missing, *node.args.defaults], strict=True))


def _star(node: ast.FunctionDef | ast.AsyncFunctionDef, names: tuple[str, ...], file: File) -> tuple[str, str]:
    """(the parameter a `*` must stand in front of, why none can)."""
    defaulted = False
    for arg, default in _arguments(node):
        left = default is not None and not (arg.arg in names and _value(default, file) is None)
        if defaulted and not left:
            if node.args.vararg is not None:
                return "", f"`{arg.arg}` would be required behind a parameter with a default, and `*args` follows"
            if arg in node.args.posonlyargs:
                return "", f"`{arg.arg}` would be required behind a parameter with a default"
            return arg.arg, ""
        defaulted = defaulted or left
    return "", ""


def _value(default: ast.expr, file: File) -> ast.expr | None:
    """The default that a marker gives; None for none, which `...` means too."""
    if not isinstance(default, ast.Call):
        return None
    if _kind(default, file) in _WITHOUT_VALUE:
        return None
    value = default.args[0] if default.args else next((k.value for k in default.keywords if k.arg == "default"), None)
    if isinstance(value, ast.Constant) and value.value is ...:
        return None
    return value


def _obstacle(
    node: ast.FunctionDef | ast.AsyncFunctionDef, names: tuple[str, ...], file: File, function: FunctionSymbol
) -> str:
    """Why a person must do it."""
    keyword_only = list(zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True))
    for arg, default in [*_arguments(node), *keyword_only]:
        if arg.arg not in names or not isinstance(default, ast.Call):
            continue
        if arg.annotation is None:
            return f"`{arg.arg}` has no annotation"
        if any(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in ast.walk(arg.annotation)):
            return f"the annotation of `{arg.arg}` holds a string"
        if _is_annotated(arg.annotation, file):
            return f"the annotation of `{arg.arg}` has an `Annotated` already"
        if any(isinstance(one, ast.Starred) for one in default.args) or any(k.arg is None for k in default.keywords):
            return f"the marker of `{arg.arg}` gets arguments from a list or dict"
        if _kind(default, file) not in _WITHOUT_VALUE and (
            len(default.args) + sum(k.arg == "default" for k in default.keywords) > 1
            or any(k.arg == "default_factory" for k in default.keywords)
        ):
            return f"the default of `{arg.arg}` is not plain"
    if (function.facts.parent or function.facts.owner) and _has_future(file):
        return "it stands in a function or class, whose names FastAPI cannot find from annotations that are strings"
    for site, call in file.types.calls_named(node.name):
        callee = file.types.type_of(call.call.func, site)
        if isinstance(callee, Callee) and callee.qualname == function.qualname:
            return f"{site.file.path}:{call.pos.line} calls it"
    return ""


def _kind(default: ast.Call, file: File) -> str | None:
    return marker(file.types, expression(default), file.site(default))


def _is_annotated(node: ast.expr, file: File) -> bool:
    """Whether an annotation is an `Annotated[...]`, by its own words or as what its name stands for."""
    if any(file.qualname(one) == _ANNOTATED for one in ast.walk(node) if isinstance(one, ast.Name | ast.Attribute)):
        return True
    found = expression(node)
    symbol = file.types.symbol_of(found, file.site(node)) if isinstance(found, Name | Attr) else None
    if not isinstance(symbol, VariableSymbol):
        return False
    values = [one.value for one in symbol.bindings]
    return any(
        isinstance(one, Sub) and file.types.qualname(one.value, Site(symbol.file)) == _ANNOTATED for one in values
    )


def _has_future(file: File) -> bool:
    return any(one.module == "__future__" and one.attr == "annotations" for one in file.facts.scope.imports)
