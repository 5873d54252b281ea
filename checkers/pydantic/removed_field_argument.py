"""`Field` or a constrained type has an argument that nothing in Pydantic 2 takes the place of.

## Why
`unique_items`, `curtail_length` and the `strip_whitespace` of `conbytes` raise an error when the module is imported,
and `exclude={...}` one when the class is created: in version 2 `exclude` is True or False. `include` is worse, for it
is ignored: the parts that were left out of every dump, secrets perhaps, are **in it** now.

## What to do
Write a validator or a serializer:

```python
def unique(values: list) -> list:
    if len(set(values)) != len(values):
        raise ValueError("the list has duplicates")
    return values

class Order(BaseModel):
    codes: Annotated[List[str], AfterValidator(unique)]                # unique_items=True; a Set loses the order
    name: Annotated[str, AfterValidator(lambda text: text[:10])]       # constr(curtail_length=10)
    raw: Annotated[bytes, BeforeValidator(bytes.strip)]                # conbytes(strip_whitespace=True)

    @field_serializer("owner")                                         # Field(include={"id"})
    def only_id(self, owner: User) -> dict:
        return owner.model_dump(include={"id"})
```

`exclude={"owner": {"password"}}` can also go to the fields themselves: `password: str = Field(exclude=True)`.

## Limits
`unique_items=False` is the business of `v1-field-argument`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from trueup.file import File
from trueup.libraries.pydantic.field_calls import FIELD, given, has_argument
from trueup.libraries.pydantic.methods import is_constant
from trueup.libraries.pydantic.models import GUIDE
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule

_LISTS = (FIELD, "pydantic.conlist")
_BYTES = ("strip_whitespace", "to_lower", "to_upper")


@rule(
    "TUP316",
    "removed-field-argument",
    on=ast.Call,
    severity=Severity.ERROR,
    fix=Safety.MANUAL,
    libraries=("pydantic",),
    triggers=has_argument("unique_items", "include", "exclude", "curtail_length", *_BYTES),
    url=GUIDE + "#changes-to-pydanticfield",
    effort=10,
    step="fields",
)
def removed(node: ast.Call, file: File) -> Iterable[Hit]:
    """Calls of `Field` and of constrained types, wherever they stand."""
    arguments = given(node)
    maker = file.qualname(node.func) if arguments else None
    if maker is None or not maker.startswith("pydantic."):
        return
    for text in _removed(maker, arguments):
        yield Hit(node, text, safety=Safety.MANUAL)


def _removed(maker: str, arguments: dict[str, ast.expr]) -> Iterator[str]:
    unique = arguments.get("unique_items")
    if maker in _LISTS and unique is not None and not is_constant(unique, False):
        yield (
            "`unique_items` raises an error in Pydantic 2: check for duplicates in an `AfterValidator` (a `Set` would "
            "lose the order)"
        )
    if maker == FIELD:
        if "include" in arguments and not is_constant(arguments["include"], None):
            yield "Pydantic 2 ignores `include`, so that all parts are dumped: leave them out in a `@field_serializer`"
        if isinstance(arguments.get("exclude"), ast.Set | ast.Dict):
            yield (
                "`exclude` is True or False in Pydantic 2: leave the parts out in a `@field_serializer`, or give their "
                "own fields `exclude=True`"
            )
    if maker == "pydantic.constr" and "curtail_length" in arguments:
        yield "`curtail_length` raises an error in Pydantic 2: cut the text in an `AfterValidator`"
    if maker == "pydantic.conbytes":
        for name in _BYTES:
            if name in arguments:
                yield f"`{name}` of `conbytes` raises an error in Pydantic 2: change the value in a `BeforeValidator`"
