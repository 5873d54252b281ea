"""What a field of a model knew of itself in version 1, and how the fields of version 2 are asked for it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TypeGuard

from msgspec import Struct

from ...model import Severity
from ...types import Foreign, Instance, Type, Unknown, without_none
from .methods import Plan, manual

FIELD_CLASSES = ("pydantic.fields.ModelField", "pydantic.fields.FieldInfo")
"""What the values of `__fields__` were, and what those of `model_fields` are."""
FIELD_ATTRIBUTES = {
    "outer_type_": ("annotation", ""),
    "required": ("is_required()", ""),
    "field_info": (".", ""),
    "alias": ("", "without an alias it is None now, where it was the name of the field: write `field.alias or name`"),
    "default": ("", "a required field has `PydanticUndefined` there now, where it had None: ask `is_required()` first"),
    "extra": ("or json_schema_extra", ""),
    "allow_none": ("", "look for None in the `annotation`"),
    "shape": ("", "look at the origin of the `annotation` with `typing.get_origin`"),
    "sub_fields": ("", "look at the arguments of the `annotation` with `typing.get_args`"),
    "key_field": ("", "look at the arguments of the `annotation` with `typing.get_args`"),
    "class_validators": ("", "the validators of a model are in `__pydantic_decorators__`"),
    "name": ("", "the name of a field is its key in `model_fields`, in a validator it is `info.field_name`"),
    "validate": ("", "call `TypeAdapter(field.annotation).validate_python`, which raises a `ValidationError`"),
    "validate_always": ("", "it is `validate_default`"),
    "_type_display": ("", "show the `annotation`"),
    "is_complex": ("", "look at the `annotation`"),
    "discriminator_key": ("", "it is the `discriminator`"),
    **dict.fromkeys(
        ("pre_validators", "post_validators", "whole_pre_validators", "populate_validators", "set_config"),
        ("", "a field of Pydantic 2 runs nothing itself; its model does"),
    ),
}
"""Attribute of a field of version 1 -> its successor (`.`: the field itself; `or x`: `x` or an empty
dict), or what to do where there is none."""
FIELD_CONSTRAINTS = {
    **{name: name for name in ("gt", "ge", "lt", "le", "multiple_of", "max_digits", "decimal_places", "min_length",
                               "max_length")},
    "regex": "pattern",
    "min_items": "min_length",
    "max_items": "max_length",
}  # fmt: skip
"""What a `FieldInfo` of version 1 knew itself -> the attribute of the one among its `metadata` that knows it now."""
STILL_THERE = ("alias", "default")
"""Of those, what the fields of version 2 have too, with other values: no finding once `model_fields` is asked."""

SWITCHES = ("allow_none", "annotation", "class_validators", "default_factory", "field_info", "key_field",
            "outer_type_", "post_validators", "pre_validators", "required", "shape", "sub_fields", "type_",
            "validate_always", *STILL_THERE)  # fmt: skip
"""Attributes of a field of version 1 that could be set to change what its model takes."""
_SETTABLE = ("annotation", "default_factory", *STILL_THERE)
"""Of those, what can be set in version 2 too, which then waits for `model_rebuild(force=True)`."""

OR_NONE = "?"
"""The clue of `None if field.default is PydanticUndefined else field.default`."""
TAKES_NONE = "?None"
"""The clue of a look for None in the annotation."""
_TELLING = frozenset({*FIELD_ATTRIBUTES, *SWITCHES})
_ONLY_FIELDS = _TELLING - {"name", "validate", "required", "extra", "default", "alias", "annotation", "shape"}

_LOOSENED = (("required", "False"), ("allow_none", "True"), ("default", "None"))
"""What a loop sets of fields that makes them optional."""


def plan_constraint(name: str, held: ast.expr, text: str) -> Plan:
    """What `field.max_length` becomes: a look through what says so. `text` is the source of `held`, the field."""
    new, first = FIELD_CONSTRAINTS[name], held
    while isinstance(first, ast.Attribute):
        first = first.value
    if not isinstance(first, ast.Name) or first.id in ("one", "next", "hasattr") or "\n" in text:
        return manual(f"it is the `{new}` of one of the field's `metadata`", Severity.ERROR)
    found = f'=next((one.{new} for one in {text}.metadata if hasattr(one, "{new}")), None)'
    return Plan(found, severity=Severity.ERROR).unsafe("what the annotation says is found too")


def is_of_field(name: str, receiver: Type) -> bool:
    """Whether an attribute is one of a field of a model, with the meaning of version 1."""
    receiver = without_none(receiver)
    classes = FIELD_CLASSES[:1] if name in _SETTABLE else FIELD_CLASSES
    return isinstance(receiver, Instance) and receiver.cls in classes


class Spelled(Struct, frozen=True):
    """What something must look like to be one of a model's fields, whatever the model: `x.__fields__[name]`.

    `__fields__` of Spark's rows is a list, of whose items nobody asks what is asked of fields.
    """

    type_of: Callable[[ast.expr], Type]
    parent: Callable[[ast.AST], ast.AST | None]
    mappings: tuple[str, ...] = ("__fields__",)
    """The attributes that hold the fields."""

    def is_field(self, value: ast.expr) -> bool:
        """Whether something is an item of the fields, what a loop takes from them, or a name given nothing else."""
        match value:
            case ast.Attribute(value=inner, attr="field_info"):
                return self.is_field(inner)
            case ast.Subscript(slice=ast.Constant(value=int())):
                return False
            case (
                ast.Subscript(value=ast.Attribute(value=held, attr=mapping))
                | ast.Call(func=ast.Attribute(value=ast.Attribute(value=held, attr=mapping), attr="get"))
            ):
                return mapping in self.mappings and self._may_be_model(held)
            case ast.Name(id=name) if isinstance(self.type_of(value), Unknown):
                return self._is_looped(value, name) or self._is_assigned(value, name)
        return False

    def _may_be_model(self, held: ast.expr) -> bool:
        found = self.type_of(held)
        return isinstance(found, Unknown | Foreign) or found == Instance("builtins.type")

    def _is_looped(self, node: ast.AST, name: str) -> bool:
        """Whether a name is what the innermost loop around that gives it takes from `x.__fields__`."""
        around = self.parent(node)
        while around is not None and not isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for loop in getattr(around, "generators", [around]):
                if not isinstance(loop, ast.For | ast.comprehension):
                    continue
                match loop.target, loop.iter:
                    case (
                        ast.Name(id=given) | ast.Tuple(elts=[_, ast.Name(id=given)]),
                        ast.Call(func=ast.Attribute(value=ast.Attribute(value=held, attr=mapping), attr=method)),
                    ) if given == name and mapping in self.mappings:
                        pairs = isinstance(loop.target, ast.Tuple)
                        return method == ("items" if pairs else "values") and self._may_be_model(held)
            around = self.parent(around)
        return False

    def _is_assigned(self, node: ast.AST, name: str) -> bool:
        """Whether a function gives a name nothing but fields: `field = x.__fields__.get(name)`."""
        around = self.parent(node)
        while around is not None and not isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef):
            around = self.parent(around)
        if around is None:
            return False
        stored, given = 0, list[ast.expr]()
        for one in ast.walk(around):
            match one:
                case ast.Name(id=bound, ctx=ast.Store()) | ast.arg(arg=bound) if bound == name:
                    stored += 1
                case ast.Assign(targets=[ast.Name(id=bound)], value=value) if bound == name:
                    given.append(value)
        return len(given) == stored > 0 and all(not isinstance(v, ast.Name) and self.is_field(v) for v in given)


def is_mapping(node: ast.Attribute, parent: Callable[[ast.AST], ast.AST | None]) -> bool:
    """Whether `x.__fields__` is used as a dict, which nothing but models have there: Spark's rows have a list."""
    match parent(node):
        case ast.Attribute(attr="items" | "values" | "keys" | "get"):
            return True
        case ast.Subscript(slice=ast.Constant(value=str())):
            return True
        case ast.Subscript() as item:
            match parent(item):
                case ast.Attribute(attr=name):
                    return name in _TELLING
                case ast.Assign(targets=[ast.Name(id=name)]):
                    return _is_asked(node, name, parent)
    return False


def _is_asked(node: ast.AST, name: str, parent: Callable[[ast.AST], ast.AST | None]) -> bool:
    """Whether the function around asks a name for what only fields have."""
    around = parent(node)
    while around is not None and not isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef):
        around = parent(around)
    return around is not None and any(
        isinstance(one, ast.Attribute) and one.attr in _ONLY_FIELDS and getattr(one.value, "id", "") == name
        for one in ast.walk(around)
    )


def plan_default(node: ast.Attribute, text: str) -> Plan | None:
    """What `field.default` becomes; `text` is its source. None where the field is no plain name or item."""
    return Plan(OR_NONE) if _is_plain(node, text) else None


def plan_none(node: ast.Attribute, text: str) -> Plan | None:
    """What `field.allow_none` becomes, in the same way."""
    plan = Plan(TAKES_NONE, severity=Severity.ERROR).unsafe("None deeper in the annotation is not seen")
    return plan if _is_plain(node, text) else None


def _is_plain(node: ast.Attribute, text: str) -> bool:
    """Whether a field can be asked twice: a name, an attribute or an item of one."""
    first = node.value
    while isinstance(first, ast.Attribute | ast.Subscript):
        if isinstance(first, ast.Subscript) and not isinstance(first.slice, ast.Name | ast.Constant):
            return False
        first = first.value
    return isinstance(first, ast.Name) and "\n" not in text


def is_settled(node: ast.Attribute, parent: Callable[[ast.AST], ast.AST | None]) -> bool:
    """Whether `field.default` or `field.alias` is asked in a way that does not mind what is there without one.

    `field.default is PydanticUndefined`, the branches of an `... if ... else` on that, `isinstance(field.default, X)`;
    `field.alias or name`.
    """
    if node.attr == "alias":
        match parent(node):
            case ast.BoolOp(op=ast.Or(), values=[first, ast.Name(), *_]):
                return first is node
        return False
    match parent(node):
        case ast.Compare() as test:
            return _asks_for_undefined(test)
        case ast.IfExp(test=ast.Compare() as test):
            return _asks_for_undefined(test) and ast.unparse(test.left) == ast.unparse(node)
        case ast.Call(func=ast.Name(id="isinstance"), args=[held, kind]) if held is node:
            return ast.unparse(kind) not in ("object", "NoneType", "type(None)")
    return False


def _asks_for_undefined(test: ast.Compare) -> bool:
    """Whether something is compared with an object of some name: that of `PydanticUndefined` may be another."""
    match test:
        case ast.Compare(ops=[ast.Is() | ast.IsNot()], comparators=[ast.Name() | ast.Attribute()]):
            return True
    return False


def changes_field(
    node: ast.AST,
    type_of: Callable[[ast.expr], Type],
    parent: Callable[[ast.AST], ast.AST | None] | None = None,
) -> TypeGuard[ast.Attribute]:
    """Whether a node sets something of a field of a model that decides what the model takes.

    With `parent`, what stands around a node, also of what only looks like a field: `x.__fields__[name]`.
    """
    match node:
        case ast.Attribute(ctx=ast.Store() | ast.Del(), attr=name) if name in SWITCHES:
            mappings = ("__fields__",) if name in _SETTABLE else ("__fields__", "model_fields")
            told = parent is not None and Spelled(type_of, parent, mappings).is_field(node.value)
            return told or is_of_field(name, type_of(node.value))
    return False


def loosened(loop: ast.For, type_of: Callable[[ast.expr], Type]) -> tuple[str, tuple[str, ...]] | None:
    """The model (source) whose fields a loop makes optional, and what it sets of them; None if it does more than that.

    `for field in M.__fields__.values(): field.required = False`, or `M.__fields__[name].required = False`.
    """
    switches: dict[str, ast.expr] = {}
    for statement in loop.body:
        match statement:
            case ast.Assign(targets=[ast.Attribute(value=field, attr=name) as target], value=value):
                if name in switches or (name, ast.unparse(value)) not in _LOOSENED:
                    return None
                if not changes_field(target, type_of):
                    return None
                switches[name] = field
            case _:
                return None
    if "required" not in switches or loop.orelse or len({ast.unparse(one) for one in switches.values()}) > 1:
        return None
    fields: ast.expr | None = None
    match switches["required"], loop.target, loop.iter:
        case (
            ast.Name(id=held),
            ast.Name(id=name) | ast.Tuple(elts=[ast.Name(), ast.Name(id=name)]),
            ast.Call(func=ast.Attribute(value=mapping, attr="values" | "items"), args=[], keywords=[]),
        ) if held == name:
            fields = mapping
        case ast.Subscript(value=mapping, slice=ast.Name(id=key)), ast.Name(id=name), _ if key == name:
            fields = mapping
    match fields:
        case ast.Attribute(value=ast.Name(id=model), attr="__fields__" | "model_fields"):
            return model, tuple(switches)
    return None
