"""`Field` or a constrained type has an argument that nothing in Pydantic 2 takes the place of.

## Why
`unique_items`, `curtail_length` and the `strip_whitespace` of `conbytes` raise an error when the module is imported,
and `exclude={...}` one when the class is created: in version 2 `exclude` is True or False. `include` is worse, for it
is ignored: the parts that were left out of every dump, secrets perhaps, are **in it** now.

## Example
```python
class Order(BaseModel):
    codes: conlist(str, unique_items=True)

def unique_items(values: list) -> list:
    for index, value in enumerate(values):
        if value in values[:index]:
            raise ValueError("the list has duplicated items")
    return values

class Order(BaseModel):
    codes: Annotated[conlist(str), AfterValidator(unique_items), Field(json_schema_extra={"uniqueItems": True})]
```

## Fix safety
`unique_items=True` of a list is unsafe: the values are compared after they were converted, where version 1 looked at
them before; and the `type` of the error is `value_error`. The function is written once a file. A `Set` would lose the
order. `constr(curtail_length=10)` becomes `Annotated[str, AfterValidator(lambda value: value[:10])]`, unless it has an
expression too, which version 1 compared with what was left of the text. It is unsafe where something inherits from
the type. Everything else is left to a person, who writes a validator or a serializer:

```python
class Order(BaseModel):
    raw: Annotated[bytes, BeforeValidator(bytes.strip)]                # conbytes(strip_whitespace=True)

    @field_serializer("owner")                                         # Field(include={"id"})
    def only_id(self, owner: User) -> dict:
        return owner.model_dump(include={"id"})
```

`exclude={"owner": {"password"}}` can also go to the fields themselves: `password: str = Field(exclude=True)`.

## Limits
`unique_items=False` is the business of `v1-field-argument`. Annotations in quotes, lists in lists and a call of
`Field` that describes something but a list, or an `Optional` one, are left to a person.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from trueup.file import File
from trueup.libraries.pydantic.field_calls import FIELD, UNIQUE, CurtailedText, UniqueItems, given, has_argument
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
    fix=Safety.UNSAFE,
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
    if _is_unique(maker, arguments):
        yield _unique(node, file)
    if maker == "pydantic.constr" and "curtail_length" in arguments:
        yield _curtailed(node, arguments, file)
    for text in _removed(maker, arguments):
        yield Hit(node, text, safety=Safety.MANUAL)


def _curtailed(node: ast.Call, arguments: dict[str, ast.expr], file: File) -> Hit:
    """A text that is cut off. Version 1 did so behind the lengths, and in front of the expression."""
    text = "`curtail_length` raises an error in Pydantic 2: cut the text in an `AfterValidator`"
    around, length = file.parent(node), arguments["curtail_length"]
    while isinstance(around, ast.expr):
        around = file.parent(around)
    plain = not node.args and None not in {one.arg for one in node.keywords} and "regex" not in arguments
    if not plain or isinstance(around, ast.ClassDef) or not isinstance(length, ast.Constant | ast.Name | ast.Attribute):
        return Hit(node, text, safety=Safety.MANUAL)
    clue = CurtailedText(file.segment(length))
    return Hit(
        node, text, clue, why="a `constr` that is no class of its own any more cannot be inherited from or named"
    )


def _is_unique(maker: str | None, arguments: dict[str, ast.expr]) -> bool:
    """Whether a call asks for a list without duplicates."""
    unique = arguments.get("unique_items")
    return maker in _LISTS and unique is not None and not is_constant(unique, False)


def _unique(node: ast.Call, file: File) -> Hit:
    text = "`unique_items` raises an error in Pydantic 2: check for duplicates in an `AfterValidator`"
    described = _described(node, file)
    if described is None:
        return Hit(node, f"{text} (a `Set` would lose the order)", safety=Safety.MANUAL)
    calls = [one for one in file.nodes(ast.Call) if _is_unique(file.qualname(one.func), given(one))]
    whole = [one for one in calls if _described(one, file) is not None]
    name, defines = _function(file)
    return Hit(
        described,
        text,
        clue=UniqueItems(name, defines and node is min(whole, key=lambda one: (one.lineno, one.col_offset))),
        why="the values are compared after they were converted, version 1 compared them before",
        group=f"{file.module}:unique_items",
        members=len(whole),
        span=file.span(node),
    )


def _described(node: ast.Call, file: File) -> ast.AST | None:
    """What is to be rewritten: the call that makes a type, or the field of a list; None where that is not clear."""
    if not is_constant(given(node)["unique_items"], True) or any(one.arg is None for one in node.keywords):
        return None
    if file.qualname(node.func) == FIELD:
        field = file.parent(node)
        if not isinstance(field, ast.AnnAssign) or field.value is not node:
            return None
        return field if _is_list(field.annotation, file) else None
    around = file.parent(node)
    while isinstance(around, ast.expr):
        around = file.parent(around)
    return None if isinstance(around, ast.ClassDef) else node


def _is_list(node: ast.expr, file: File) -> bool:
    match node:
        case ast.Subscript(value=held, slice=inner) if file.qualname(held) in ("typing.List", "builtins.list"):
            parts = [file.qualname(one) for one in ast.walk(inner) if isinstance(one, ast.Name | ast.Attribute)]
            return not {"typing.List", "builtins.list"} & {*parts}
        case ast.Subscript(value=held, slice=inner) if file.qualname(held) == "typing.Optional":
            return _is_list(inner, file)
    return False


def _function(file: File) -> tuple[str, bool]:
    """The name of the function that looks for duplicates, and whether the file does not have it yet."""
    taken = {one.id for one in file.nodes(ast.Name)} | {one.name for one in file.nodes(ast.ClassDef)}
    taken |= {one.asname or one.name for one in file.nodes(ast.alias)}
    functions = {one.name: one for one in file.nodes(ast.FunctionDef)}
    for name in ("unique_items", "without_duplicates", *(f"unique_items_{number}" for number in range(2, 100))):
        old = functions.get(name)
        if old is not None and ast.dump(old) == ast.dump(ast.parse(UNIQUE.format(name=name)).body[0]):
            return name, False
        if old is None and name not in taken:
            return name, True
    raise AssertionError("a hundred names are taken")


def _removed(maker: str, arguments: dict[str, ast.expr]) -> Iterator[str]:
    if maker == FIELD:
        if "include" in arguments and not is_constant(arguments["include"], None):
            yield "Pydantic 2 ignores `include`, so that all parts are dumped: leave them out in a `@field_serializer`"
        if isinstance(arguments.get("exclude"), ast.Set | ast.Dict):
            yield (
                "`exclude` is True or False in Pydantic 2: leave the parts out in a `@field_serializer`, or give their "
                "own fields `exclude=True`"
            )
    if maker == "pydantic.conbytes":
        for name in _BYTES:
            if name in arguments:
                yield f"`{name}` of `conbytes` raises an error in Pydantic 2: change the value in a `BeforeValidator`"
