"""A field of a model has a value but no annotation, which Pydantic 2 refuses.

## Why
Pydantic 1 took `size = 1` for a field and its type from the value, or from the field of the same name in a base. In
version 2 the class cannot be created: `PydanticUserError: A non-annotated attribute was detected`. So it is with what
was no field, types above all (`Kind = str`).

## Example
```python
class Box(BaseModel):
    size = 1                   # size: int = 1
    tags = []                  # tags: list = []
    color = Color.RED          # color: Color = Color.RED
    Kind = str                 # Kind: ClassVar = str

class Small(Box):
    size = 2                   # size: int = 2, as in the base
```

## Fix safety
Safe: the annotation is what version 1 took for the type: the class of a literal, of a member of an enum, or what the
base says (but for `Optional`, which it dropped), as long as its names mean the same in this file. Version 1 put
fields without an annotation behind the others, in dumps too; they keep the order of the class now.

Left to a person are other values, a call say, of which the class is not certain.

## Limits
Functions, properties, class methods and nested classes are no fields in either version. Classes with `keep_untouched`
or `ignored_types` are left alone, as are names with an underscore in front and assignments in an `if`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from trueup.file import File
from trueup.index.extract import expression
from trueup.index.facts import Attr, Const, Expr, Name, Op, Sub
from trueup.index.project import ClassSymbol, VariableSymbol
from trueup.infer import Site
from trueup.libraries.pydantic.annotations import is_class_var
from trueup.libraries.pydantic.config import config_of
from trueup.libraries.pydantic.field_calls import FIELD, given, is_no_field
from trueup.libraries.pydantic.models import GUIDE, LIBRARIES, holds_models, is_model
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import ClassObject, Instance

_LITERALS = {str: "str", bytes: "bytes", bool: "bool", int: "int", float: "float", complex: "complex"}
_CONTAINERS = {ast.List: "list", ast.ListComp: "list", ast.Dict: "dict", ast.DictComp: "dict", ast.Tuple: "tuple",
               ast.Set: "set", ast.SetComp: "set", ast.JoinedStr: "str"}  # fmt: skip
_OTHERS = ("Config", "model_config")
_PLAIN = frozenset({"str", "int", "bool", "float", "bytes", "list", "dict", "set", "tuple"})


@rule(
    "TUP303",
    "unannotated-field",
    on=ast.Assign,
    severity=Severity.ERROR,
    fix=Safety.SAFE,
    libraries=LIBRARIES,
    where=holds_models,
    url=GUIDE + "#required-optional-and-nullable-fields",
    effort=2,
    step="fields",
    prepares=True,
)
def field(node: ast.Assign, file: File) -> Iterable[Hit]:
    """Assignments in the bodies of models."""
    owner = file.parent(node)
    if not isinstance(owner, ast.ClassDef) or file.path.endswith(".pyi"):
        return
    names = [target.id for target in node.targets if isinstance(target, ast.Name)]
    if not names or any(name.startswith("_") or name in _OTHERS for name in names):
        return
    facts = file.class_at(owner)
    if facts is None or not is_model(file.types, file.qualified(facts), file.config.base_models):
        return
    symbol = ClassSymbol(file.qualified(facts), file.facts, facts)
    if "pydantic.BaseModel" not in file.types.mro(symbol.qualname).names or "sqlmodel" in _tops(symbol, file):
        return
    plain = isinstance(node.value, ast.Constant) and node.value.value in (None, ...)
    if (
        plain
        or is_no_field(node.value, file.qualname, file.type_of)
        or any(one.name in names and one.annotation is not None for one in facts.fields)
    ):
        return
    if config_of(file.types, symbol.qualname, "keep_untouched", "ignored_types") is not None:
        return
    name = names[0]
    found = _inherited(name, symbol, node, file)
    if found == "ClassVar":
        return
    annotation = found if found is not None else _of_value(node.value, file)
    what = f"`{name}` has no annotation, and Pydantic 2 refuses such a field"
    if len(node.targets) > 1 or len(names) < len(node.targets):
        yield Hit(node, f"{what}: annotate each name by itself", safety=Safety.MANUAL, why="it has several targets")
    elif annotation:
        yield Hit(node, f"{what}: write `{name}: {annotation}`", clue=annotation)
    else:
        where = "the annotation of the base uses names that this file does not have" if found == "" else ""
        text = f"{what}: write `{name}: <its type>`, or `ClassVar` if it is none of the fields"
        yield Hit(node, text, safety=Safety.MANUAL, why=where or "the class of the value is not certain")


def _tops(symbol: ClassSymbol, file: File) -> set[str]:
    return {name.partition(".")[0] for name in file.types.mro(symbol.qualname).names}


# The annotation ------------------------------------------------------------------------------------------------------


def _of_value(value: ast.expr, file: File) -> str:
    """The annotation that version 1 took from a value; empty where it is not certain."""
    for kind, name in _CONTAINERS.items():
        if isinstance(value, kind):
            return name
    match value:
        case ast.Constant(value=constant):
            return _LITERALS.get(type(constant), "")
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=ast.Constant(value=int() | float()) as operand):
            return _of_value(operand, file)
        case ast.Call(func=func, args=args) if file.qualname(func) == FIELD:
            default = args[0] if args else given(value).get("default")
            return _of_value(default, file) if default is not None else ""
        case ast.Call(func=ast.Name(id=name), args=[], keywords=[]) if file.qualname(value.func) == f"builtins.{name}":
            return name if name in _PLAIN else ""
        case ast.Name() | ast.Attribute():
            return _of_name(value, file)
    return ""


def _of_name(value: ast.Name | ast.Attribute, file: File) -> str:
    found = file.type_of(value)
    if isinstance(found, ClassObject):
        return "ClassVar"
    if isinstance(value, ast.Attribute):
        holder = file.type_of(value.value)
        if isinstance(holder, ClassObject) and file.types.is_subclass(holder.cls, "enum.Enum"):
            return file.segment(value.value)
    symbol = file.project.locate(file.qualname(value) or "")
    if isinstance(symbol, VariableSymbol) and len(symbol.bindings) == 1 and isinstance(found, Instance):
        known = symbol.bindings[0].value
        if isinstance(known, Const) and found.cls.startswith("builtins."):
            name = found.cls.removeprefix("builtins.")
            return name if name in _PLAIN else ""
    return ""


def _inherited(name: str, symbol: ClassSymbol, node: ast.Assign, file: File) -> str | None:
    """The annotation a base gives a field, as this file can write it (empty: it cannot); None: no base has it."""
    types = file.types
    for above in types.mro(symbol.qualname).names[1:]:
        base = types.project.klass(above)
        if base is None or base.file.path not in types.project.files or not is_model(types, above):
            continue
        found = next((one for one in reversed(base.facts.fields) if one.name == name), None)
        if found is None:
            continue
        site = Site(base.file, None, base.facts)
        if found.annotation is None:
            value = found.value
            return "" if value is not None and not isinstance(value, Const) else None
        if is_class_var(types, found.annotation, site):
            return "ClassVar"
        return _written(_without_none(found.annotation, site, file), site, node, file)
    return None


def _without_none(annotation: Expr, site: Site, file: File) -> Expr:
    """What version 1 kept of the base's annotation: `Optional` was lost."""
    if isinstance(annotation, Const) and annotation.kind == "str":
        try:
            annotation = expression(ast.parse(annotation.text.strip(), mode="eval").body)
        except SyntaxError:
            return annotation
    if isinstance(annotation, Sub) and file.types.qualname(annotation.value, site) == "typing.Optional":
        return annotation.items[0]
    if isinstance(annotation, Op) and annotation.op == "|":
        none = Const("none")
        kept = [one for one in (annotation.left, annotation.right) if one != none]
        return kept[0] if len(kept) == 1 else annotation
    return annotation


def _written(annotation: Expr, site: Site, node: ast.Assign, file: File) -> str:
    """The source of an annotation, if all its names mean the same where the field stands; else empty."""
    here = file.site(node)
    match annotation:
        case Name(id=text):
            same = file.types.qualname(annotation, site)
            return text if same is not None and same == file.types.qualname(annotation, here) else ""
        case Attr(value=value, attr=attr):
            text = _written(value, site, node, file)
            return f"{text}.{attr}" if text else ""
        case Sub(value=value, items=items):
            parts = [_written(one, site, node, file) for one in (value, *items)]
            return f"{parts[0]}[{', '.join(parts[1:])}]" if all(parts) else ""
        case Op(op="|", left=left, right=right):
            first, second = _written(left, site, node, file), _written(right, site, node, file)
            return f"{first} | {second}" if first and second else ""
        case Const(kind="none"):
            return "None"
        case Const(kind="ellipsis"):
            return "..."
    return ""
