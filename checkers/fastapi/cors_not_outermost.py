"""CORS middleware that others are put around: what these answer by themselves has no CORS headers.

## Why
Middleware that is added later stands further outside. What an outer one answers by itself, a 401 or a 429 say, never
passes the CORS middleware; the browser then hides the answer from the frontend, which sees a network error in its
place.

## Example
```python
app.add_middleware(CORSMiddleware, allow_origins=ORIGINS)
app.add_middleware(RateLimitMiddleware)  # its 429 has no CORS headers
```

## Fix safety
The fix moves the statement behind the last of the others in the same block. It is unsafe: the order in which
middleware sees requests changes, and preflight requests no longer reach the others.

## Limits
Calls of `add_middleware` on the same name in one block, and functions below `@app.middleware("http")` there.
Middleware that answers nothing by itself (GZip, trusted hosts among them) would not need it; only GZip is left out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.layers import TEST, layer_of_file
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_CORS = "starlette.middleware.cors.CORSMiddleware"
_HARMLESS = ("starlette.middleware.gzip.GZipMiddleware",)


@rule(
    "TUF120",
    "cors-not-outermost",
    on=ast.Call,
    names=("add_middleware",),
    severity=Severity.WARNING,
    fix=Safety.UNSAFE,
    libraries=("fastapi", "starlette"),
    triggers=("CORSMiddleware",),
    where=lambda facts, types, config: layer_of_file(facts) != TEST,
    url="https://fastapi.tiangolo.com/tutorial/middleware/#multiple-middleware-execution-order",
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    statement = file.parent(node)
    if not isinstance(node.func, ast.Attribute) or not isinstance(statement, ast.Expr) or _added(node, file) != _CORS:
        return
    app = ast.unparse(node.func.value)
    around = file.parent(statement)
    block = next((b for name in ("body", "orelse") if statement in (b := getattr(around, name, None) or [])), [])
    later = [one for one in block[block.index(statement) + 1 :] if _wraps(one, app, file)] if block else []
    if later:
        last = later[-1]
        yield Hit(
            node,
            f"middleware that is added later (line {last.lineno}) stands around this one; what it answers by itself "
            "has no CORS headers: add CORS behind it",
            clue=last.lineno,
            why="The order in which middleware sees requests changes.",
            related=(file.place(last, "stands around it"),),
        )


def _added(node: ast.Call, file: File) -> str | None:
    """The class of middleware that a call adds."""
    given = node.args[0] if node.args else next((k.value for k in node.keywords if k.arg == "middleware_class"), None)
    return file.qualname(given) if given is not None else None


def _wraps(one: ast.stmt, app: str, file: File) -> bool:
    if isinstance(one, ast.Expr) and isinstance(one.value, ast.Call) and isinstance(one.value.func, ast.Attribute):
        call = one.value
        if one.value.func.attr != "add_middleware" or ast.unparse(one.value.func.value) != app:
            return False
        return _added(call, file) not in (_CORS, *_HARMLESS)
    if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
        return any(ast.unparse(d).startswith(f"{app}.middleware(") for d in one.decorator_list)
    return False
