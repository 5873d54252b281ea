"""A body of a route has the default None and a type that None does not belong to.

## Why
On Pydantic 1 `item: Item = None` and `count: int = Body(None)` accepted a body, or a key, that is `null`. On Pydantic
2 the annotation is taken at its word: what is left out is still None, but an explicit null gets a **422**, and
nothing warns before the first client sends one.

## Example
```python
@app.post("/items")
def create(item: Item = None):   # item: Optional[Item] = None
```

## Fix safety
Safe: the annotation says what version 1 made of it. It is written `X | None` where the file writes its types so. In a
project that uses names of Pydantic 2 beside those of 1 it is unsafe, because null may be refused on purpose there.

## Limits
Projects that use names of Pydantic 2 and none of version 1 are left alone.
Only `Body(None)` and `Form(None)` of functions that FastAPI calls, and models with the default None in routes, are
looked at: parameters of the query, the path and the headers cannot be null.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from trueup.file import File
from trueup.index.extract import expression
from trueup.libraries.fastapi import entry
from trueup.libraries.pydantic.annotations import alternatives, takes_none
from trueup.libraries.pydantic.field_calls import given
from trueup.libraries.pydantic.methods import is_constant
from trueup.libraries.pydantic.models import GUIDE, classes_of, is_model
from trueup.libraries.pydantic.versions import dialect
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_BODIES = frozenset(f"{home}.{name}" for home in ("fastapi", "fastapi.params") for name in ("Body", "Form"))


@rule(
    "TUP904",
    "none-default-body",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=("fastapi",),
    triggers=("None",),
    where=lambda facts, types, config: "fastapi" in facts.imported,
    url=GUIDE + "#required-optional-and-nullable-fields",
    step="fastapi",
    prepares=True,
)
def bodies(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterable[Hit]:
    """The parameters of what FastAPI calls, one by one."""
    positional = [*node.args.posonlyargs, *node.args.args]
    behind = positional[len(positional) - len(node.args.defaults) :]
    pairs = [
        *zip(behind, node.args.defaults, strict=True),
        *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True),
    ]
    wanted = [(one, default) for one, default in pairs if default is not None and _is_none(default, file)]
    spoken = dialect(file.types) if wanted else "2"
    facts = file.function_at(node)
    if facts is None or spoken == "2":
        return
    role = entry(file.types, file.function_symbol(facts))
    if role is None or role.kind == "websocket":
        return
    for one, default in wanted:
        annotation = one.annotation
        if annotation is None:
            continue
        site = file.site(annotation)
        if takes_none(alternatives(file.types, expression(annotation), site)):
            continue
        if isinstance(default, ast.Constant):
            pairs_of = classes_of(file.annotation(annotation)) or []
            if role.kind != "route" or not pairs_of or not all(is_model(file.types, cls) for cls, _ in pairs_of):
                continue
        style = "pipe" if _pipes(file.text) else "optional"
        written = "... | None" if style == "pipe" else "Optional[...]"
        text = f"`{one.arg}` has the default None, but on Pydantic 2 an explicit null gets a 422: write `{written}`"
        if spoken == "1":
            yield Hit(annotation, text, clue=style)
        else:
            why = "the project uses names of Pydantic 2 already, which refuses null here"
            yield Hit(annotation, text, clue=style, safety=Safety.UNSAFE, why=why)


def _is_none(node: ast.expr, file: File) -> bool:
    if is_constant(node, None):
        return True
    if not isinstance(node, ast.Call) or file.qualname(node.func) not in _BODIES:
        return False
    default = node.args[0] if node.args else given(node).get("default")
    return default is not None and is_constant(default, None)


def _pipes(text: str) -> bool:
    pipes = len(re.findall(r"\|\s*None\b|\bNone\s*\|", text))
    return pipes > len(re.findall(r"\bOptional\[", text))
