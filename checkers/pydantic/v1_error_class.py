"""An error of your own inherits from `PydanticValueError` or `PydanticTypeError`, which are gone in Pydantic 2.

## Why
The classes cannot be imported any more. In version 2 an error with a code and a template is a `PydanticCustomError`,
which is made of these two and the values for the template.

## Example
```python
class NotFoundError(PydanticValueError):       # class NotFoundError(PydanticCustomError):
    code = "not_found"
    msg_template = "{what} not found"
                                               #     def __new__(cls, **ctx):
                                               #         return super().__new__(cls, f"value_error.{cls.code}", ...)
```

## Fix safety
Unsafe: the class is raised as before, in validators too, with the same code (`value_error.not_found`), text and values
in `errors()`. But it is made in another way, is a `ValueError` even where it was a `TypeError`, and values that are
neither text nor numbers may be written differently.

## Limits
Classes with other bases or an `__init__` of their own, and templates with formats (`{price:.2f}`), are left to a
person. What inherits from a repaired class is left as it is.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.errors import ERROR_BASES, error_code, why_not_custom
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUP742",
    "v1-error-class",
    on=ast.ClassDef,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=LIBRARIES,
    triggers=("PydanticValueError", "PydanticTypeError"),
    url=GUIDE + "#changes-to-validators",
    effort=10,
    step="types",
)
def inherited(node: ast.ClassDef, file: File) -> Iterable[Hit]:
    """A class whose direct base is one of the two."""
    found = next((base for base in node.bases if file.qualname(base) in ERROR_BASES), None)
    facts = file.class_at(node)
    if found is None or facts is None:
        return
    old = file.qualname(found) or ""
    name, kind = old.rpartition(".")[2], ERROR_BASES[old]
    what = f"`{name}` is gone in Pydantic 2: make `{node.name}` a `PydanticCustomError`"
    span = file.header(node)
    why = why_not_custom(node)
    if why:
        yield Hit(node, f"{what} by hand, for {why}", safety=Safety.MANUAL, why=why, span=span)
        return
    own = any(field.name == "code" for field in facts.fields)
    code = f'f"{kind}.{{cls.code}}"' if own else f'"{kind}.{error_code(file.types, file.qualified(facts))}"'
    why = "the class is made in another way, and is a `ValueError` in any case"
    yield Hit(node, what, clue=(name, code), why=why, span=span)
