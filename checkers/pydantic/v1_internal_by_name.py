"""An internal of Pydantic 1 is set by its name, as a text: `object.__setattr__(user, "__fields_set__", {"id"})`.

## Why
Code that makes objects of models without their `__init__` sets `__fields_set__` itself. In Pydantic 2 that is a
property which nobody can set: `AttributeError: property '__fields_set__' of 'User' object has no setter`. And a class
that is made by `type(name, bases, {"__fields__": ...})` had these fields in version 1; version 2 **does not look at
them, and nothing warns**.

## Example
```python
user = User.__new__(User)
object.__setattr__(user, "__dict__", values)
object.__setattr__(user, "__fields_set__", set(values))   # "__pydantic_fields_set__"
```

## Fix safety
Unsafe: the new name is set. Where `__init__` does not run afterwards, `__pydantic_extra__` and `__pydantic_private__`
have to be set as well (to None), without which copying and comparing raise `AttributeError`; `model_construct()` does
all of that. Classes with `__fields__` are left to a person, who makes them with `create_model`.

## Limits
Only files that import Pydantic are looked at, and objects whose class is a model or is not known.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.config import Config
from trueup.file import File
from trueup.index.facts import FileFacts
from trueup.infer import Inference
from trueup.libraries.pydantic.models import GUIDE, classes_of, is_model
from trueup.libraries.pydantic.versions import is_guarded, keeps_v1
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


def _imports_pydantic(facts: FileFacts, types: Inference, config: Config) -> bool:
    return "pydantic" in facts.imported and not keeps_v1(types)


@rule(
    "TUP111",
    "v1-internal-by-name",
    on=(ast.Call, ast.Dict, ast.Subscript),
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=("pydantic",),
    triggers=("__fields_set__", "__fields__"),
    where=_imports_pydantic,
    url=GUIDE + "#changes-to-pydanticbasemodel",
    effort=15,
    step="methods",
)
def named(node: ast.Call | ast.Dict | ast.Subscript, file: File) -> Iterable[Hit]:
    """Calls that set the one, namespaces that hold the other."""
    match node:
        case ast.Call(
            func=ast.Attribute(attr="__setattr__") | ast.Name(id="setattr"),
            args=[held, ast.Constant(value="__fields_set__") as name, _],
        ):
            if _may_be_model(held, file) and not is_guarded(node, file.parent, "__pydantic_fields_set__"):
                text = "`__fields_set__` cannot be set in Pydantic 2: set `__pydantic_fields_set__`"
                why = "without `__init__`, `__pydantic_extra__` and `__pydantic_private__` have to be set too"
                yield Hit(name, text, clue="__pydantic_fields_set__", why=why)
        case ast.Dict(keys=keys):
            for key in keys:
                if isinstance(key, ast.Constant) and key.value == "__fields__":
                    yield from _namespace(key, file)
        case ast.Subscript(slice=ast.Constant(value="__fields__") as key, ctx=ast.Store()):
            yield from _namespace(key, file)


def _namespace(key: ast.Constant, file: File) -> Iterable[Hit]:
    if not is_guarded(key, file.parent, "model_fields"):
        text = (
            "`__fields__` in the namespace of a class gives it no fields in Pydantic 2, and takes none away: make the "
            "model with `create_model`"
        )
        yield Hit(key, text, safety=Safety.MANUAL, why="fields come from annotations alone")


def _may_be_model(held: ast.expr, file: File) -> bool:
    classes = classes_of(file.type_of(held))
    return not classes or any(is_model(file.types, cls, file.config.base_models) is not False for cls, _ in classes)
