"""CORS for every origin together with credentials: any site may use the API in its visitors' names.

## Why
With `allow_credentials=True` Starlette does not answer `*` but the very origin that asks, whichever that is. A page the
user happens to be on may then send requests with the user's cookies and read the answers.

## Example
```python
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)
```

## What to do
List the origins of your own frontends, or leave `allow_credentials` out where no cookie and no `Authorization` header
of the browser is needed.

## Limits
Values that are written out, here or in a name of the module that is assigned once. What comes from settings is not
known.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from trueup.file import File
from trueup.index.extract import expression
from trueup.index.facts import Attr, Const, Display, Expr, Name
from trueup.index.project import VariableSymbol
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_CORS = "starlette.middleware.cors.CORSMiddleware"
_ANY = (".*", "^.*$", ".+", "https?://.*", "^https?://.*$")


@rule(
    "TUF106",
    "cors-with-credentials",
    on=ast.Call,
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    libraries=("fastapi", "starlette"),
    triggers=("allow_credentials",),
    url="https://fastapi.tiangolo.com/tutorial/cors/",
)
def check(node: ast.Call, file: File) -> Iterator[Hit]:
    given = {one.arg: one.value for one in node.keywords if one.arg is not None}
    credentials = given.get("allow_credentials")
    if credentials is None or _value(credentials, file) != Const("bool", "True"):
        return
    named = [node.func, *node.args[:1], *[v for k, v in given.items() if k in ("cls", "middleware_class")]]
    if not any(file.qualname(one) == _CORS for one in named if isinstance(one, ast.Name | ast.Attribute)):
        return
    for key in ("allow_origins", "allow_origin_regex"):
        value = _value(given[key], file) if key in given else None
        if _is_everything(value):
            yield Hit(
                node,
                f"`{key}={ast.unparse(given[key])}` with `allow_credentials=True` lets every site use this API with "
                "its visitors' cookies: list the origins that may, or leave the credentials out",
            )
            return


def _value(node: ast.expr, file: File) -> Expr | None:
    """What an expression is written as, a name that is assigned once looked up."""
    found = expression(node)
    if isinstance(found, Name | Attr):
        symbol = file.types.symbol_of(found, file.site(node))
        if not isinstance(symbol, VariableSymbol) or len(symbol.bindings) != 1:
            return None
        return symbol.bindings[0].value
    return found


def _is_everything(value: Expr | None) -> bool:
    if isinstance(value, Display):
        return any(isinstance(one, Const) and one.text == "*" for one in value.items)
    return isinstance(value, Const) and value.kind == "str" and value.text in _ANY
