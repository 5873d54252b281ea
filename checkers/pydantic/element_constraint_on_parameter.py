"""A constraint of a route's parameter was meant for the elements of a list: on Pydantic 2 it is for the whole list.

## Why
On Pydantic 1 `ids: List[int] = Query(..., ge=1)` checked each number. On Pydantic 2 the list is compared with 1:
every request ends with a **500**. `min_length` and `max_length` limited the length of each text, and limit the
**number of items** now, without a warning.

## Example
```python
def find(ids: List[int] = Query(..., ge=1)):        # ids: List[Annotated[int, Field(ge=1)]] = Query(...)
```

## Fix safety
Safe: the constraint goes to the parts of the annotation that version 1 applied it to. Lengths are moved where
`min_items` or `max_items` beside them shows that they are not the number of items.

Left to a person is an annotation of which a part is not known, or that is a string, and `Annotated[List[int],
Query(ge=1)]`.

## Limits
A length without `min_items` or `max_items` beside it is the business of `length-of-elements`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from trueup.file import File
from trueup.libraries.pydantic.constraints import LONE, Leaf, Push, misplaced
from trueup.libraries.pydantic.field_calls import (
    LENGTHS,
    NUMERIC,
    PARAMETERS,
    PATTERNS,
    RENAMED,
    given,
    has_argument,
)
from trueup.libraries.pydantic.models import GUIDE
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_NAMES = (*NUMERIC, *LENGTHS, *PATTERNS)


@rule(
    "TUP903",
    "element-constraint-on-parameter",
    on=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=("fastapi",),
    triggers=has_argument(*_NAMES),
    url=GUIDE + "#changes-to-pydanticfield",
    effort=5,
    step="fastapi",
)
def parameters(node: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> Iterable[Hit]:
    """The parameters of functions, one by one."""
    for name, annotation, call, inside in _described(node, file):
        arguments = given(call)
        if not arguments.keys() & set(_NAMES) or file.qualname(call.func) not in PARAMETERS:
            continue
        counts = any(one in arguments for one in RENAMED)
        found = misplaced(annotation, arguments, file.qualname, counts_items=counts)
        if found is None or found == LONE:
            continue
        first = next(one for one in _NAMES if one in arguments)
        what = f"`{first}` of `{name}` is for the elements: on Pydantic 2 every request ends with a 500"
        text = f"{what}; write it inside, `Annotated[..., Field({first}=...)]`"
        if isinstance(found, str) or inside:
            why = found if isinstance(found, str) else "it stands in an `Annotated`"
            yield Hit(annotation, text, safety=Safety.MANUAL, why=why)
            continue
        yield Hit(annotation, text, clue=_push(annotation, arguments, found, file))


def _described(
    node: ast.FunctionDef | ast.AsyncFunctionDef, file: File
) -> Iterator[tuple[str, ast.expr, ast.Call, bool]]:
    """(name, annotation, call that describes it, whether that stands in the annotation) of each parameter."""
    positional = [*node.args.posonlyargs, *node.args.args]
    defaults = [*[None] * (len(positional) - len(node.args.defaults)), *node.args.defaults]
    pairs = [*zip(positional, defaults, strict=True), *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)]
    for one, default in pairs:
        annotation = one.annotation
        if annotation is None:
            continue
        if isinstance(default, ast.Call):
            yield one.arg, annotation, default, False
        match annotation:
            case ast.Subscript(value=held, slice=ast.Tuple(elts=[inner, *extras])):
                if file.qualname(held) == "typing.Annotated":
                    yield from ((one.arg, inner, extra, True) for extra in extras if isinstance(extra, ast.Call))


def _push(
    annotation: ast.expr,
    arguments: dict[str, ast.expr],
    found: tuple[dict[int, list[str]], list[Leaf]],
    file: File,
) -> Push:
    moves, parts = found
    start, source = file.span(annotation).start, file.segment(annotation)
    places = []
    for index, names in sorted(moves.items()):
        begin = len(source.encode()[: file.span(parts[index].node).start - start].decode())
        text = ", ".join(f"{one}={file.segment(arguments[one])}" for one in names)
        places.append((begin, begin + len(file.segment(parts[index].node)), text))
    return Push(tuple(places), tuple(dict.fromkeys(one for names in moves.values() for one in names)), "")
