"""A constraint was meant for the elements of a list or dict: Pydantic 2 applies it to the whole.

## Why
In Pydantic 1 `scores: List[int] = Field(ge=0)` checked each number. Pydantic 2 compares the list itself with 0: the
first validation raises `TypeError: Unable to apply constraint 'ge'`, whatever the input. `min_length` and
`max_length` are worse, for nothing is raised: they limited the length of **each text** in `List[str]`, and limit the
**number of items** now.

## Example
```python
class Exam(BaseModel):
    scores: List[int] = Field(..., ge=0)      # scores: List[Annotated[int, Field(ge=0)]] = Field(...)
    marks: Dict[str, float] = Field({}, le=6) # marks: Dict[str, Annotated[float, Field(le=6)]] = Field({})
    size: Union[int, str] = Field(1, ge=0)    # size: Union[Annotated[int, Field(ge=0)], str] = Field(1)
```

## Fix safety
Safe: the constraint goes to the parts of the annotation that version 1 applied it to, be they elements of lists, sets
and tuples, values of dicts, or alternatives of a union. Lengths are moved where `min_items` or `max_items` beside
them shows that they are not the number of items. Left to a person is an annotation that is a string or of which a
part is not known (an alias, a class of the project).

## Limits
A length without `min_items` or `max_items` beside it is the business of `length-of-elements`. Only annotated fields
of models are looked at; parameters of FastAPI are that of `element-constraint-on-parameter`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.libraries.pydantic.constraints import LONE, Push, misplaced
from trueup.libraries.pydantic.field_calls import (
    FIELD,
    LENGTHS,
    NUMERIC,
    PATTERNS,
    RENAMED,
    given,
    has_argument,
)
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES, holds_models, is_model
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUP315",
    "element-constraint-on-container",
    on=ast.AnnAssign,
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    where=holds_models,
    triggers=has_argument(*NUMERIC, *LENGTHS, *PATTERNS),
    url=GUIDE + "#changes-to-pydanticfield",
    effort=5,
    step="fields",
)
def field(node: ast.AnnAssign, file: File) -> Iterable[Hit]:
    """Fields of models, one by one."""
    owner, call = file.parent(node), node.value
    if not isinstance(owner, ast.ClassDef) or not isinstance(call, ast.Call) or not isinstance(node.target, ast.Name):
        return
    arguments = given(call)
    if not arguments.keys() & {*NUMERIC, *LENGTHS, *PATTERNS} or file.qualname(call.func) != FIELD:
        return
    facts = file.class_at(owner)
    if facts is None or not is_model(file.types, file.qualified(facts), file.config.base_models):
        return
    counts = any(name in arguments for name in RENAMED)
    found = misplaced(node.annotation, arguments, file.qualname, counts_items=counts)
    name = node.target.id
    if found is None or found == LONE:
        return
    what = "Pydantic 1 applied it to the elements, 2 to the whole"
    if isinstance(found, str):
        first = next(one for one in (*NUMERIC, *PATTERNS, *LENGTHS) if one in arguments)
        text = (
            f"`{first}` of `{name}` belongs inside the annotation ({what}): write `Annotated[..., Field({first}=...)]`"
        )
        yield Hit(node, text, safety=Safety.MANUAL, why=found)
        return
    moves, parts = found
    start = file.span(node.annotation).start
    source = file.segment(node.annotation)
    places = []
    for index, names in sorted(moves.items()):
        span = file.span(parts[index].node)
        begin = len(source.encode()[: span.start - start].decode())
        text = ", ".join(f"{one}={file.segment(arguments[one])}" for one in names)
        places.append((begin, begin + len(file.segment(parts[index].node)), text))
    moved = tuple(dict.fromkeys(one for names in moves.values() for one in names))
    text = f"`{moved[0]}` of `{name}` is for a part of its type ({what}): write it inside, `Annotated[..., Field(...)]`"
    yield Hit(node, text, clue=Push(tuple(places), moved, file.segment(call.func)))
