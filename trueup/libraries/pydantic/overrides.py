"""Methods of version 1 that a model can override, who called them by itself, and what takes their place."""

from __future__ import annotations

import ast
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hook:
    """One method of version 1.

    `caller`: what in version 1 called it without being asked, empty where only the project's own code does; `instead`:
    what to write.
    """

    caller: str
    instead: str


_NESTED = "for models inside others, for FastAPI's responses and in `jsonable_encoder`"
HOOKS = {
    "dict": Hook(_NESTED, "a `@model_serializer`, or set its arguments where the model is dumped"),
    "from_orm": Hook("for objects inside others and for FastAPI's responses", 'a `@model_validator(mode="wrap")`'),
    "parse_obj": Hook("in `parse_raw`, `parse_file` and `from_orm`'s kin", 'a `@model_validator(mode="before")`'),
    "validate": Hook("for every field of this type", 'a `@model_validator(mode="wrap")`'),
    "__get_validators__": Hook("for every field of this type", 'a `@model_validator(mode="wrap")`'),
    "_iter": Hook("in `dict()`, `json()` and `copy()`", "a `@model_serializer`"),
    "_calculate_keys": Hook("in `dict()`, `json()` and `copy()`", "a `@model_serializer`"),
    "_get_value": Hook("in `dict()`, `json()` and `copy()`", "a `@field_serializer`"),
    "_init_private_attributes": Hook("in `__init__` and `construct()`", "`model_post_init`"),
    "_enforce_dict_if_root": Hook("in `parse_obj()`", 'a `@model_validator(mode="before")`'),
    "__try_update_forward_refs__": Hook("whenever a class was made", "`__pydantic_init_subclass__`"),
    "json": Hook("", "`model_dump_json`"),
    "copy": Hook("", "`model_copy`"),
    "construct": Hook("", "`model_construct`"),
    "schema": Hook("", "`model_json_schema`"),
    "schema_json": Hook("", "`model_json_schema`"),
    "parse_raw": Hook("", "`model_validate_json`"),
    "parse_file": Hook("", "a method with a name of its own"),
    "update_forward_refs": Hook("", "`model_rebuild`"),
}
"""Method of version 1 -> who called it, and its successor."""
CLASS_HOOKS = frozenset(
    {"from_orm", "parse_obj", "validate", "construct", "schema", "schema_json", "parse_raw", "parse_file",
     "update_forward_refs", "_get_value", "_enforce_dict_if_root", "__try_update_forward_refs__", "__get_validators__"}
)  # fmt: skip
"""Those that are class methods; a method of an object under such a name is something else."""
SERIALIZERS = ("_serialize", "_serialize_model", "_to_dict")
"""Names for what a `dict()` becomes, the first that is free."""


@dataclass(frozen=True, slots=True)
class WrapSerializer:
    """The repair of a `dict()` that adds to what `super().dict(...)` gives: the clue of such a method."""

    name: str
    handler: str


def adds_only(node: ast.FunctionDef) -> ast.Call | None:
    """The one `super().dict(*args, **kwargs)` in a method that hands its arguments on and uses them no more.

    None where a method is not of this kind.
    """
    args = node.args
    if args.kwonlyargs or args.defaults or args.posonlyargs or len(args.args) != 1 or node.decorator_list:
        return None
    taken = [one.arg for one in (args.vararg, args.kwarg) if one is not None]
    calls = [one for one in ast.walk(node) if _is_super(one)]
    if len(calls) != 1 or args.kwarg is None:
        return None
    call = next((one for one in ast.walk(node) if _calls_dict(one, calls[0])), None)
    if not isinstance(call, ast.Call):
        return None
    given = [one.value.id for one in call.args if isinstance(one, ast.Starred) and isinstance(one.value, ast.Name)]
    given += [one.value.id for one in call.keywords if one.arg is None and isinstance(one.value, ast.Name)]
    if len(given) != len(call.args) + len(call.keywords) or set(given) - set(taken) or args.kwarg.arg not in given:
        return None
    used = [one.id for one in ast.walk(node) if isinstance(one, ast.Name) and one.id in taken]
    inner = [one for one in ast.walk(node) if isinstance(one, ast.FunctionDef | ast.Lambda | ast.ClassDef)]
    return call if sorted(used) == sorted(given) and len(inner) == 1 else None


def _is_super(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"


def _calls_dict(node: ast.AST, held: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr="dict")):
            return value is held
    return False


def sets_only(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """The arguments that a method sets, where it does nothing but call what it overrides with them; else nothing."""
    found: list[str] = []
    for index, statement in enumerate(node.body):
        match statement:
            case ast.Expr(value=ast.Constant(value=str())) if index == 0:
                continue
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(), slice=ast.Constant(value=str(name)))]):
                found.append(name)
            case ast.Expr(
                value=ast.Call(func=ast.Attribute(attr="setdefault"), args=[ast.Constant(value=str(name)), _])
            ):
                found.append(name)
            case ast.Return(value=ast.Call(func=ast.Attribute(value=held, attr=attr), keywords=keywords)):
                if not _is_super(held) or attr != node.name:
                    return []
                found += [one.arg for one in keywords if one.arg is not None]
            case _:
                return []
    return list(dict.fromkeys(found))
