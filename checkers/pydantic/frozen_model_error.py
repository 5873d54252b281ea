"""Code expects a `TypeError` when a frozen model is changed, where Pydantic 2 raises a `ValidationError`.

## Why
Assigning to an attribute of a model with `allow_mutation = False` or `frozen = True` raised a `TypeError` in version
1; in version 2 it is a `ValidationError`, which is a `ValueError`. The `except` is passed by, and the error ends the
request; a test that expects it fails.

## Example
```python
with pytest.raises(TypeError):      # with pytest.raises(ValidationError):
    order.number = 5

try:
    order.number = 5
except TypeError:                   # except (TypeError, ValidationError):
    ...
```

## Fix safety
Unsafe: the handler now also gets the errors of other models that are validated in the same block.

## Limits
Only where the model that is changed is known, and its config says that it is frozen, in the block itself. A `match=`
that names the old text is left to a person.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from trueup.file import File
from trueup.index.facts import Const
from trueup.libraries.pydantic.config import config_of
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES, is_model
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Instance, without_none

_WHAT = "changing a frozen model raises a `ValidationError` in Pydantic 2, no `TypeError`"
_WHY = "the errors of other models that are validated there are caught too"


@rule(
    "TUP747",
    "frozen-model-error",
    on=(ast.Try, ast.With),
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    triggers=("TypeError",),
    url=GUIDE,
    effort=3,
    step="types",
)
def expected(node: ast.Try | ast.With, file: File) -> Iterable[Hit]:
    """A block that changes a frozen model, and what is expected of it."""
    if isinstance(node, ast.With):
        yield from _with(node, file)
        return
    for handler in node.handlers:
        kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        names = [file.qualname(kind) if kind is not None else None for kind in kinds]
        if "builtins.TypeError" not in names or _catches_more(names) or not _changes_frozen(node.body, file):
            continue
        assert handler.type is not None
        yield Hit(handler.type, f"{_WHAT}: catch that too", clue="both", why=_WHY)


def _catches_more(names: list[str | None]) -> bool:
    """Whether a handler gets the new error already."""
    return any(name in ("builtins.ValueError", "builtins.Exception", "pydantic.ValidationError") for name in names)


def _with(node: ast.With, file: File) -> Iterator[Hit]:
    for item in node.items:
        call = item.context_expr
        if not isinstance(call, ast.Call) or file.qualname(call.func) != "pytest.raises" or not call.args:
            continue
        kind = call.args[0]
        if file.qualname(kind) == "builtins.TypeError" and _changes_frozen(node.body, file):
            if any(keyword.arg == "match" for keyword in call.keywords):
                text = f"{_WHAT}, with another text: expect that"
                yield Hit(kind, text, safety=Safety.MANUAL, why="what `match` should be is not known")
            else:
                yield Hit(kind, f"{_WHAT}: expect that", clue="alone", why=_WHY)


def _changes_frozen(body: list[ast.stmt], file: File) -> bool:
    """Whether one of some statements assigns to an attribute of a frozen model."""
    for statement in body:
        for node in file.walk(statement):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                found = without_none(file.type_of(node.value))
                if isinstance(found, Instance) and is_model(file.types, found.cls, file.config.base_models):
                    return _is_frozen(found.cls, file)
    return False


def _is_frozen(cls: str, file: File) -> bool:
    return (
        config_of(file.types, cls, "frozen") == Const("bool", "True")
        or config_of(file.types, cls, "allow_mutation") == Const("bool", "False")
    )  # fmt: skip
