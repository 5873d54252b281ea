"""`Field` has an argument that Pydantic 2 does not know; what is for the JSON schema goes into `json_schema_extra`.

## Why
`Field("", example="x", nullable=True)` put any further argument into the JSON schema of the field. Pydantic 2
deprecates that. And where the call has a `json_schema_extra` already, the other ones are **lost without a word**.

## Example
```python
class Item(BaseModel):
    name: str = Field(..., example="chair")    # Field(..., json_schema_extra={"example": "chair"})
    note: str = Field("", nullable=True, json_schema_extra={"order": 1})
                                               # Field("", json_schema_extra={"order": 1, "nullable": True})
```

## Fix safety
Safe: the schema has the same keys as before. `examples=["chair"]` is the newer form of `example`, under another key,
and is for you to choose.

Unsafe is what a function puts into its `**kwargs` before it unpacks them into `Field`: `kwargs["widget"] = "text"`
becomes `kwargs["json_schema_extra"] = {**kwargs.get("json_schema_extra", {}), "widget": "text"}`.

Left to a person where `json_schema_extra` is there and is not written out as a dict, and where the call has a `**`,
which may hold it.

## Limits
Arguments that Pydantic 2 has (`examples`, `deprecated`, `strict`, `frozen`) are left alone, as is all that has a rule
of its own: `regex`, `const`, `unique_items`, `include`, and `env`, which names a variable of the
environment. `sqlmodel.Field` is the business of `forgotten-field-argument`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.index.facts import Const
from trueup.index.project import VariableSymbol
from trueup.libraries.pydantic.config import usual_quote
from trueup.libraries.pydantic.field_calls import (
    FIELD,
    NEW_ARGUMENTS,
    OLD_ARGUMENTS,
    SchemaExtra,
    SchemaPuts,
    given,
)
from trueup.libraries.pydantic.models import GUIDE, is_model
from trueup.libraries.pydantic.settings import feeds_settings
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule


@rule(
    "TUP314",
    "extra-field-argument",
    on=ast.Call,
    names=("Field",),
    severity=Severity.WARNING,
    fix=Safety.SAFE,
    libraries=("pydantic",),
    triggers=("Field",),
    url=GUIDE + "#changes-to-pydanticfield",
    step="fields",
)
def extra(node: ast.Call, file: File) -> Iterable[Hit]:
    """Calls of `Field`, wherever they stand."""
    arguments = given(node)
    names = [name for name in arguments if name not in NEW_ARGUMENTS and name not in OLD_ARGUMENTS]
    inside = [name for name in _put_into(node, file) if name not in NEW_ARGUMENTS and name not in OLD_ARGUMENTS]
    if not (names or inside) or file.qualname(node.func) != FIELD:
        return
    if inside:
        listed = ", ".join(f"`{name}`" for name in (*names, *inside))
        text = f"{listed}: no argument of `Field` in Pydantic 2, put it into `json_schema_extra={{...}}`"
        why = "what else `**` holds, and what reads it, is not known"
        puts = _puts(node, file) if not names and "json_schema_extra" not in arguments else None
        if puts is None:
            yield Hit(node, text, safety=Safety.MANUAL, why=why, span=file.span(node.func))
        else:
            why = "a `json_schema_extra` that a call of the function gives is taken for a dict"
            yield Hit(node, text, puts, safety=Safety.UNSAFE, why=why, span=file.span(node.func))
        return
    if "env" in names and not _is_plain(node, file):
        names.remove("env")
    if not names:
        return
    listed = ", ".join(f"`{name}`" for name in names)
    held = arguments.get("json_schema_extra")
    what = f"{listed}: no argument of `Field` in Pydantic 2"
    if any(one.arg is None for one in node.keywords) and not isinstance(held, ast.Dict):
        why = "what `**` holds may have a `json_schema_extra`, or more for the schema, of its own"
        yield Hit(node, f"{what}, put it into `json_schema_extra={{...}}`", safety=Safety.MANUAL, why=why)
        return
    if held is None:
        yield Hit(
            node,
            f"{what}, put it into `json_schema_extra={{...}}`",
            clue=SchemaExtra(tuple(names), usual_quote(file.text)),
        )
        return
    lost = f"{what}, and lost beside `json_schema_extra`: put it in there"
    if isinstance(held, ast.Dict):
        yield Hit(node, lost, clue=SchemaExtra(tuple(names), usual_quote(file.text)), severity=Severity.ERROR)
    else:
        why = "`json_schema_extra` is no dict that is written out"
        yield Hit(node, lost, safety=Safety.MANUAL, why=why, severity=Severity.ERROR)


def _put_into(node: ast.Call, file: File) -> list[str]:
    """The keys that the function around a call puts into what the call unpacks: `kwargs["x"] = 1`, `**kwargs`."""
    unpacked = [one.value.id for one in node.keywords if one.arg is None and isinstance(one.value, ast.Name)]
    around = file.parent(node) if unpacked else None
    while around is not None and not isinstance(around, ast.FunctionDef):
        around = file.parent(around)
    found: list[str] = []
    for one in ast.walk(around) if around is not None else ():
        match one:
            case ast.Subscript(value=ast.Name(id=name), slice=key, ctx=ast.Store()) if name in unpacked:
                found.append(_text(key, file))
    return [name for name in found if name]


def _puts(node: ast.Call, file: File) -> SchemaPuts | None:
    """The items that become part of `json_schema_extra`; None where one of them is not simply assigned."""
    unpacked = [one.value.id for one in node.keywords if one.arg is None and isinstance(one.value, ast.Name)]
    around = file.parent(node)
    while around is not None and not isinstance(around, ast.FunctionDef):
        around = file.parent(around)
    if around is None or len(unpacked) != 1:
        return None
    keys: list[str] = []
    for one in ast.walk(around):
        match one:
            case ast.Subscript(value=ast.Name(id=name), slice=key, ctx=ast.Store()) if name == unpacked[0]:
                text = _text(key, file)
                if text in NEW_ARGUMENTS and text != "json_schema_extra":
                    continue
                statement = file.parent(one)
                if text in ("", "json_schema_extra", *OLD_ARGUMENTS) or not isinstance(statement, ast.Assign):
                    return None
                if len(statement.targets) != 1 or file.segment(key) in keys:
                    return None
                keys.append(file.segment(key))
    return SchemaPuts(unpacked[0], tuple(keys), usual_quote(file.text)) if keys else None


def _text(key: ast.expr, file: File) -> str:
    """What a key says, which may be a constant of a module; empty where that is not known."""
    if isinstance(key, ast.Constant):
        return key.value if isinstance(key.value, str) else ""
    symbol = file.project.locate(file.qualname(key) or "")
    if not isinstance(symbol, VariableSymbol) or len(symbol.bindings) != 1:
        return ""
    value = symbol.bindings[0].value
    return value.text if isinstance(value, Const) and value.kind == "str" else ""


def _is_plain(node: ast.Call, file: File) -> bool:
    """Whether a call stands in a model that neither is settings nor is inherited by any."""
    statement = file.parent(node)
    owner = file.parent(statement) if isinstance(statement, ast.AnnAssign) else None
    facts = file.class_at(owner) if isinstance(owner, ast.ClassDef) else None
    if facts is None:
        return False
    name = file.qualified(facts)
    return is_model(file.types, name) is True and not feeds_settings(file.types, name)
