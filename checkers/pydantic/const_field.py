"""A field may only have one value: `const=True`, which Pydantic 2 refuses.

## Why
`Field("order", const=True)` raises `PydanticUserError: 'const' is removed` when the class is created. The type of
such a field is a `Literal`.

## Example
```python
class Order(BaseModel):
    kind: str = Field("order", const=True)                 # kind: Literal["order"] = "order"
    version: int = Field(2, const=True, title="Version")   # version: Literal[2] = Field(2, title="Version")
```

## Fix safety
Unsafe: version 1 converted the input to the type of the field before it compared, so that `"2"` was accepted for 2; a
`Literal` compares the input as it is. None was refused even where the field was `Optional`. A name that stands for a
text is followed: `Literal` gets the text.

Left to a person are values that no `Literal` can have (floats, lists, calls), and members of an enum that is not one
of texts or numbers too, for there a `Literal` refuses what JSON has: write a validator that compares.

## Limits
`const=False` is the business of `v1-field-argument`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.index.facts import Const
from trueup.index.project import VariableSymbol
from trueup.libraries.pydantic.config import usual_quote
from trueup.libraries.pydantic.field_calls import FIELD, given, has_argument
from trueup.libraries.pydantic.methods import is_constant
from trueup.libraries.pydantic.models import GUIDE
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import ClassObject


@rule(
    "TUP313",
    "const-field",
    on=ast.Call,
    severity=Severity.ERROR,
    fix=Safety.UNSAFE,
    libraries=("pydantic",),
    triggers=has_argument("const"),
    url=GUIDE + "#changes-to-pydanticfield",
    effort=3,
    step="fields",
)
def constant(node: ast.Call, file: File) -> Iterable[Hit]:
    """Calls of `Field` with `const`."""
    arguments = given(node)
    const = arguments.get("const")
    if const is None or is_constant(const, False) or file.qualname(node.func) != FIELD:
        return
    what = "`const` is no argument of `Field` in Pydantic 2"
    statement = file.parent(node)
    default = node.args[0] if node.args else arguments.get("default")
    if not is_constant(const, True) or default is None or not isinstance(statement, ast.AnnAssign):
        yield _manual(node, f"{what}: annotate the field with `Literal[...]`")
        return
    value = _literal(default, file)
    if not value:
        yield _manual(node, f"{what}, and no `Literal` can have this value: compare in a `@field_validator`")
        return
    yield Hit(
        statement,
        f"{what}: annotate the field with `Literal[{value}]`",
        clue=value,
        why="version 1 converted the input before it compared (`'2'` for 2), a `Literal` does not",
        span=file.span(node),
    )


def _manual(node: ast.Call, text: str) -> Hit:
    return Hit(node, text, safety=Safety.MANUAL, why="a `Literal` holds texts, whole numbers, True, False, None and "
               "members of an enum alone")  # fmt: skip


def _literal(node: ast.expr, file: File) -> str:
    """What stands in the brackets of `Literal`; empty where nothing can."""
    match node:
        case ast.Constant(value=str() | bytes() | int() | None):
            return "" if isinstance(node.value, float) else file.segment(node)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int())):
            return file.segment(node)
        case ast.Attribute(value=ast.Attribute(value=held, attr=member), attr="value") if _is_enum(held, file):
            return _value_of(held, member, file)
        case ast.Attribute(value=held) if _is_enum(held, file):
            # A `Literal` of a plain enum refuses the value that JSON has for it.
            return file.segment(node) if _is_enum(held, file, "builtins.str", "builtins.int") else ""
        case ast.Name() | ast.Attribute():
            symbol = file.project.locate(file.qualname(node) or "")
            if isinstance(symbol, VariableSymbol) and len(symbol.bindings) == 1:
                value = symbol.bindings[0].value
                if isinstance(value, Const) and value.kind == "str" and value.text and value.text.isprintable():
                    quote = usual_quote(file.text)
                    return "" if quote in value.text or "\\" in value.text else quote + value.text + quote
    return ""


def _is_enum(node: ast.expr, file: File, *mixed_in: str) -> bool:
    found = file.type_of(node)
    if not isinstance(found, ClassObject) or file.types.is_subclass(found.cls, "enum.Enum") is not True:
        return False
    return not mixed_in or any(name in file.types.mro(found.cls).names for name in mixed_in)


def _value_of(node: ast.expr, member: str, file: File) -> str:
    """The literal that a member of an enum has as its value; empty where it is none."""
    found = file.type_of(node)
    symbol = file.project.klass(found.cls) if isinstance(found, ClassObject) else None
    value = next((one.value for one in symbol.facts.fields if one.name == member), None) if symbol is not None else None
    if not isinstance(value, Const) or value.kind not in ("str", "int"):
        return ""
    quote = usual_quote(file.text)
    if value.kind == "str":
        plain = value.text.isprintable() and quote not in value.text and "\\" not in value.text
        return quote + value.text + quote if value.text and plain else ""
    return value.text
