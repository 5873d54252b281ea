"""`min_length` or `max_length` of a list of texts: the length of each text in Pydantic 1, the number of items in 2.

## Why
`tags: List[str] = Field([], max_length=3)` accepted any number of tags with up to three letters each. Pydantic 2
accepts up to three tags of any length. The line is valid in both, and **nothing warns**. So it is with
`Query(max_length=3)`.

## What to do
If the texts are meant, write it inside; if it was always meant for the items, which version 1 called `max_items`,
keep it:

```python
tags: List[Annotated[str, Field(max_length=3)]] = []
```

## Limits
Found in projects that show that they were written for Pydantic 1 (`validator`, `class Config`, `regex=`) and have no
name that only Pydantic 2 has. Where `min_items` or `max_items` stand beside it there is no doubt: that is repaired by
`element-constraint-on-container` and `element-constraint-on-parameter`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from trueup.file import File
from trueup.libraries.pydantic.constraints import LONE, misplaced
from trueup.libraries.pydantic.field_calls import FIELD, LENGTHS, PARAMETERS, RENAMED, given, has_argument, shows_v1
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES, is_model
from trueup.libraries.pydantic.versions import dialect
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUP317",
    "length-of-elements",
    on=(ast.AnnAssign, ast.arg),
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    libraries=LIBRARIES,
    triggers=has_argument(*LENGTHS),
    url=GUIDE + "#changes-to-pydanticfield",
    effort=5,
    step="fields",
    at_first=True,
)
def lengths(node: ast.AnnAssign | ast.arg, file: File) -> Iterable[Hit]:
    """Fields of models and parameters of routes."""
    if node.annotation is None:
        return
    for call in _calls(node, file):
        arguments = {name: value for name, value in given(call).items() if name in (*LENGTHS, *RENAMED)}
        if not arguments or arguments.keys() & RENAMED.keys():
            continue
        wanted = (FIELD,) if isinstance(node, ast.AnnAssign) else PARAMETERS
        if file.qualname(call.func) not in wanted:
            continue
        if misplaced(node.annotation, arguments, file.qualname, counts_items=False) != LONE:
            continue
        if dialect(file.types) != "1" or not shows_v1(file.types):
            return
        name = node.arg if isinstance(node, ast.arg) else file.segment(node.target)
        length = next(one for one in LENGTHS if one in arguments)
        text = (
            f"`{length}` held for each element of `{name}` in Pydantic 1 and counts the items in 2: write it "
            f"inside, `List[Annotated[str, Field({length}=...)]]`, if the elements are meant"
        )
        yield Hit(node, text, safety=Safety.MANUAL, why="the length may be meant for the items already")


def _calls(node: ast.AnnAssign | ast.arg, file: File) -> Iterator[ast.Call]:
    """The call that describes a field of a model, or a parameter."""
    if isinstance(node, ast.AnnAssign):
        owner = file.parent(node)
        facts = file.class_at(owner) if isinstance(owner, ast.ClassDef) else None
        known = facts is not None and is_model(file.types, file.qualified(facts), file.config.base_models)
        if known and isinstance(node.value, ast.Call):
            yield node.value
        return
    arguments = file.parent(node)
    if isinstance(arguments, ast.arguments):
        positional = [*arguments.posonlyargs, *arguments.args]
        defaults = [*[None] * (len(positional) - len(arguments.defaults)), *arguments.defaults]
        pairs = [*zip(positional, defaults, strict=True)]
        pairs += [*zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
        yield from (default for one, default in pairs if one is node and isinstance(default, ast.Call))
