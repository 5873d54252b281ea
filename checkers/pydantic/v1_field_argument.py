"""`Field` or a constrained type has an argument by its name of Pydantic 1: `min_items`, `allow_mutation`.

## Why
Pydantic 2 counts with `min_length` and `max_length`, for texts and lists alike, and calls a field `frozen` that may
not be assigned. `conlist`, `conset` and `confrozenset` do not know the old names: the module cannot be imported.
`Field` still translates them, with a deprecation warning, until version 3. `unique_items` and `const` mean nothing to
it any more.

## Example
```python
class Order(BaseModel):
    lines: List[Line] = Field(..., min_items=1)          # Field(..., min_length=1)
    number: int = Field(0, allow_mutation=False)         # Field(0, frozen=True)
    tags: conlist(str, max_items=3)                      # conlist(str, max_length=3)
```

## Fix safety
New names are safe, and so is taking away an argument that says what is the case anyway (`allow_mutation=True`,
`const=False`, `unique_items=False`). `frozen=True` is unsafe: a `ValidationError` is raised where a `TypeError` was.
Left to a person are `min_items` on lists of lists, where version 1 counted the items of each of them.

## Limits
`sqlmodel.Field` is the business of `forgotten-field-argument`. A call that has `min_items` and `min_length` at once
is first that of `element-constraint-on-container`. Arguments that are passed as `**options` are not seen.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from trueup.file import File
from trueup.libraries.pydantic.constraints import SIZED, containers
from trueup.libraries.pydantic.field_calls import (
    CONSTRAINED,
    FIELD,
    RENAMED,
    ArgumentChange,
    given,
    has_argument,
)
from trueup.libraries.pydantic.methods import is_constant
from trueup.libraries.pydantic.models import GUIDE
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_NAMES = ("min_items", "max_items", "allow_mutation", "unique_items", "const")


@rule(
    "TUP311",
    "v1-field-argument",
    on=ast.Call,
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=("pydantic",),
    triggers=has_argument(*_NAMES),
    url=GUIDE + "#changes-to-pydanticfield",
    step="fields",
)
def arguments(node: ast.Call, file: File) -> Iterable[Hit]:
    """Calls of `Field` and of constrained types, wherever they stand."""
    found = given(node)
    names = [name for name in _NAMES if name in found]
    maker = file.qualname(node.func) if names else None
    if maker != FIELD and maker not in CONSTRAINED:
        return
    changes: list[ArgumentChange] = []
    unsafe = ""
    for name in names:
        if name in RENAMED:
            if RENAMED[name] in found:
                continue
            nested = _nested(node, file) if maker == FIELD else ""
            if nested:
                text = f"`{name}` counted the items of each list in `{nested}`, `{RENAMED[name]}` counts the outer ones"
                yield _manual(node, f"{text}: write `Annotated[List[...], Field({RENAMED[name]}=...)]` for the inner")
                return
            changes.append(ArgumentChange(name, RENAMED[name]))
        elif name == "allow_mutation" and maker == FIELD:
            change = _frozen(found[name], file)
            changes.append(change)
            if change.new:
                unsafe = "assigning to a frozen field raises `ValidationError` instead of `TypeError`"
        elif name in ("unique_items", "const") and is_constant(found[name], False):
            changes.append(ArgumentChange(name, ""))
    if changes:
        error = maker in CONSTRAINED and any(change.new for change in changes)
        yield Hit(
            node,
            _message(changes[0], maker, error),
            clue=tuple(changes),
            safety=Safety.UNSAFE if unsafe else None,
            why=unsafe,
            severity=Severity.ERROR if error else None,
        )


def _manual(node: ast.Call, text: str) -> Hit:
    return Hit(node, text, safety=Safety.MANUAL, why="what is meant is for its author to say")


def _frozen(value: ast.expr, file: File) -> ArgumentChange:
    if is_constant(value, True):
        return ArgumentChange("allow_mutation", "")
    if is_constant(value, False):
        return ArgumentChange("allow_mutation", "frozen", "True")
    if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not):
        return ArgumentChange("allow_mutation", "frozen", file.segment(value.operand))
    text = file.segment(value)
    simple = isinstance(value, ast.Name | ast.Attribute | ast.Call | ast.Subscript)
    return ArgumentChange("allow_mutation", "frozen", f"not {text}" if simple else f"not ({text})")


def _nested(node: ast.Call, file: File) -> str:
    """The annotation of the field, where it has a list that is not the outermost container."""
    for annotation in _annotations(node, file):
        if any(name in SIZED and depth for name, depth in containers(annotation, file.qualname)):
            return " ".join(file.segment(annotation).split())
    return ""


def _annotations(node: ast.Call, file: File) -> Iterator[ast.expr]:
    """The annotation that a call of `Field` describes."""
    match file.parent(node):
        case ast.AnnAssign(annotation=annotation):
            yield annotation
        case ast.Tuple(elts=[first, *_]) as inner if isinstance(file.parent(inner), ast.Subscript):
            yield first


def _message(change: ArgumentChange, maker: str, error: bool) -> str:
    called = maker.rpartition(".")[2]
    what = f"`{change.old}` is no argument of `{called}` in Pydantic 2"
    if not change.new:
        return f"{what}: remove it"
    instead = f"`{change.new}={change.value}`" if change.value else f"`{change.new}`"
    return f"{what}: use {instead}" if error else f"`{change.old}` is deprecated in Pydantic 2: use {instead}"
