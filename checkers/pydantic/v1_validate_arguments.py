"""A function is validated with `validate_arguments`, which is `validate_call` in Pydantic 2.

## Why
`validate_arguments` warns (`PydanticDeprecatedSince20`) and goes in 3.0. `validate_call` is not quite the same: it
refuses an explicit None for `limit: int = None`, wants `@classmethod` and `@staticmethod` above itself, and gives the
function no `validate`, `model` and `vd`.

## Example
```python
@validate_arguments                         # @validate_call
def load(name: str, limit: int = None):     # def load(name: str, limit: Optional[int] = None):
```

## Fix safety
Safe: the new name, and `Optional[...]` around the annotations of parameters with the default None, which took None
all the same. `cls: Type[Self]` of a class method, which `validate_call` refuses, becomes `cls`, which means the same.

Left to a person: `validate_arguments` above `@classmethod` or `@staticmethod` (change their order), other parameters
annotated with `Self`, and `function.validate(...)`, `function.model`, `function.vd`.

## Limits
What the upgrade changes in any case: the location of an error is the place of an argument that was given by place, a
coroutine function is known as one, and a model that is passed is handed on as it is, not copied.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.index.extract import expression
from trueup.libraries.pydantic.annotations import alternatives, takes_none
from trueup.libraries.pydantic.functions import ValidatedCall
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES
from trueup.libraries.pydantic.versions import is_guarded
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Callee

_OLD = ("pydantic.validate_arguments", "pydantic.decorator.validate_arguments")
_GONE = {
    "validate": "call `TypeAdapter(...)` on the arguments, or the function itself",
    "model": "look at the signature of the function instead",
    "vd": "look at the signature of the function instead",
}
_BELOW = ("builtins.classmethod", "builtins.staticmethod")


@rule(
    "TUP602",
    "v1-validate-arguments",
    on=(ast.Name, ast.Attribute),
    names=("validate_arguments", *_GONE),
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    triggers=("validate_arguments", *(f".{name}" for name in _GONE)),
    where=lambda facts, types, config: (
        "pydantic" in facts.imported or not {"validate_arguments", *_GONE}.isdisjoint(facts.attributes)
    ),
    url=GUIDE + "#validate_arguments-has-been-renamed-to-validate_call",
    step="methods",
)
def used(node: ast.Name | ast.Attribute, file: File) -> Iterable[Hit]:
    """The decorator, and what it gave to functions."""
    if not isinstance(node.ctx, ast.Load):
        return
    if isinstance(node, ast.Attribute) and node.attr in _GONE:
        if _is_validated(node.value, file):
            text = f"a function of `validate_call` has no `{node.attr}`: {_GONE[node.attr]}"
            yield Hit(node, text, safety=Safety.MANUAL, why=_GONE[node.attr], severity=Severity.ERROR)
        return
    if file.qualname(node) not in _OLD:
        return
    if is_guarded(node, file.parent, "validate_call"):
        return
    text = "`validate_arguments` is deprecated in Pydantic 2: use `validate_call`"
    function = _decorated(node, file)
    if function is None:
        yield Hit(node, text, ValidatedCall())
        return
    names = [file.qualname(one.func if isinstance(one, ast.Call) else one) or "" for one in function.decorator_list]
    own = next(i for i, one in enumerate(function.decorator_list) if node in (one, getattr(one, "func", None)))
    below = next((name for name in names[own + 1 :] if name in _BELOW), None)
    if below is not None:
        why = f"`@{below.rpartition('.')[2]}` has to stand above it"
        yield Hit(node, f"{text}; {why}", safety=Safety.MANUAL, why=why, severity=Severity.ERROR)
        return
    placed = [*function.args.posonlyargs, *function.args.args]
    bare = [one.arg for one in placed[:1] if "builtins.classmethod" in names and _is_self(one, file)]
    if any(_is_self(one, file) for one in (*placed[len(bare) :], *function.args.kwonlyargs)):
        why = "it refuses `Self` in the annotation of a parameter: take the annotation away"
        yield Hit(node, f"{text}; {why}", safety=Safety.MANUAL, why=why)
        return
    wide = _parameters(function, file)
    if wide:
        shown = ", ".join(f"`{name}`" for name in wide)
        text += f", which refuses an explicit None for {shown}: write `Optional[...]` there"
    if bare:
        text += f", which refuses `Self` in the annotation of a parameter: take it from `{bare[0]}`"
    clue = ValidatedCall(tuple(wide), tuple(bare))
    yield Hit(function if wide or bare else node, text, clue, span=file.span(node))


def _decorated(node: ast.AST, file: File) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """The function that a name decorates, with or without arguments."""
    parent = file.parent(node)
    if isinstance(parent, ast.Call) and parent.func is node:
        node, parent = parent, file.parent(parent)
    if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef) and node in parent.decorator_list:
        return parent
    return None


def _is_self(parameter: ast.arg, file: File) -> bool:
    """Whether the annotation of a parameter has `Self`."""
    found = ast.walk(parameter.annotation) if parameter.annotation is not None else ()
    parts = [part for part in found if isinstance(part, ast.Name | ast.Attribute)]
    return any(file.qualname(part) in ("typing.Self", "typing_extensions.Self") for part in parts)


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef, file: File) -> list[str]:
    """The parameters with the default None whose annotation does not let None in."""
    args = function.args
    placed = [*args.posonlyargs, *args.args]
    defaults = [None] * (len(placed) - len(args.defaults)) + list(args.defaults)
    found = []
    for one, default in [*zip(placed, defaults, strict=True), *zip(args.kwonlyargs, args.kw_defaults, strict=True)]:
        if one.annotation is None or not isinstance(default, ast.Constant) or default.value is not None:
            continue
        words = alternatives(file.types, expression(one.annotation), file.site(function))
        if not takes_none(words) and "?" not in words:
            found.append(one.arg)
    return found


def _is_validated(node: ast.expr, file: File) -> bool:
    """Whether something is a function that `validate_arguments`, or by now `validate_call`, decorates."""
    if not isinstance(node, ast.Name | ast.Attribute):
        return False
    found = file.type_of(node)
    symbol = file.project.function(found.qualname) if isinstance(found, Callee) else None
    if symbol is None or not symbol.facts.decorators:
        return False
    site = file.types.definition_site(symbol.facts, symbol.file)
    return any(
        file.types.qualname(getattr(one, "func", one), site) in (*_OLD, "pydantic.validate_call")
        for one in symbol.facts.decorators
    )
