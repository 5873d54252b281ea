"""A validation error is asked for something that only Pydantic 1 has.

## Why
`raw_errors` and `model` of a `ValidationError` are an `AttributeError` in version 2, and `display_errors` and
`flatten_errors` cannot be imported. Such code runs when something is wrong already, so that it hides what that was.

## Example
```python
except ValidationError as error:
    raise RequestValidationError(error.raw_errors)     # RequestValidationError(error.errors())
```

## Fix safety
Repaired where `raw_errors` are handed to FastAPI's `RequestValidationError`, which takes what `errors()` gives now.
Unsafe: the codes and texts are those of version 2. `error.model.__name__` is `error.title`; unsafe, for the config of
a model may set another `title`.

Everything else is for a person. `errors()` is a list of dicts with `loc`, `msg`, `type`, `input` and, for some, `ctx`,
where an exception that a validator raised is `ctx["error"]`. The name of the model is `title`; the class itself is not
told. The text that `display_errors` made is `str(error)`.

## Limits
Only where the object is known to be a `ValidationError`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.config import Config
from trueup.file import File
from trueup.index.facts import FileFacts
from trueup.infer import Inference
from trueup.libraries.pydantic.errors import REQUEST_ERROR, VALIDATION_ERROR, is_instance
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES
from trueup.libraries.pydantic.versions import is_guarded
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_ATTRIBUTES = {
    "raw_errors": "read `errors()`, where an exception that a validator raised is `ctx['error']`",
    "model": "the name of the model is `title`; the class itself is not told",
}
_FUNCTIONS = {
    "pydantic.error_wrappers.display_errors": "the text it made is `str(error)`",
    "pydantic.error_wrappers.flatten_errors": "read `errors()`, which is flat",
}


def _knows_errors(facts: FileFacts, types: Inference, config: Config) -> bool:
    """Whether a file has the name of such an error, or of what was for them."""
    scopes = (facts.scope, *(function.scope for function in facts.functions))
    names = {"ValidationError", *(name.rpartition(".")[2] for name in _FUNCTIONS)}
    return not names.isdisjoint(facts.attributes) or any(one.attr in names for s in scopes for one in s.imports)


@rule(
    "TUP746",
    "v1-error-attribute",
    on=(ast.Attribute, ast.Call),
    names=(*_ATTRIBUTES, *[name.rpartition(".")[2] for name in _FUNCTIONS]),
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    triggers=("raw_errors", ".model", "display_errors", "flatten_errors"),
    where=_knows_errors,
    url=GUIDE,
    effort=5,
    step="types",
)
def asked(node: ast.Attribute | ast.Call, file: File) -> Iterable[Hit]:
    """An attribute of an error, or a call of one of the two functions."""
    if isinstance(node, ast.Call):
        name = file.qualname(node.func) or ""
        if name in _FUNCTIONS:
            text = f"`{name.rpartition('.')[2]}` is gone in Pydantic 2: {_FUNCTIONS[name]}"
            why = "what it is used for decides"
            yield Hit(node, text, safety=Safety.MANUAL, why=why, span=file.span(node.func))
    elif (
        node.attr in _ATTRIBUTES
        and is_instance(file.types, file.type_of(node.value), (VALIDATION_ERROR,))
        and not is_guarded(node, file.parent, "title")
    ):
        text = f"a `ValidationError` has no `{node.attr}` in Pydantic 2: {_ATTRIBUTES[node.attr]}"
        outer = file.parent(node)
        outer = file.parent(outer) if isinstance(outer, ast.keyword) else outer
        if node.attr == "model" and isinstance(outer, ast.Attribute) and outer.attr == "__name__":
            why = "`title` is what the config of the model sets, where it sets one"
            yield Hit(outer, text, clue="title", why=why, span=file.span(node))
        elif node.attr == "raw_errors" and isinstance(outer, ast.Call) and file.qualname(outer.func) == REQUEST_ERROR:
            yield Hit(node, text, clue="errors", why="the codes and texts of the errors are those of Pydantic 2")
        else:
            yield Hit(node, text, safety=Safety.MANUAL, why="what it is used for decides")
