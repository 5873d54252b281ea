"""Methods of version 1 that a model can override, who called them by itself, and what takes their place."""

from __future__ import annotations

import ast
from collections.abc import Callable

from msgspec import Struct

from .methods import DUMP_KEYWORDS, METHODS, Plan, plan_call


class Hook(Struct, frozen=True):
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


RENAMED = frozenset({"dict", "copy", "json", "construct", "schema", "parse_raw"})
"""Those that only the project's own code calls, and that nothing but their name is wrong with; `dict` is one of them
where it only gives arguments other defaults."""
VALIDATOR = "_from_orm"
"""The name of the validator that a `from_orm` becomes."""
_HANDED_ON = ("encoder", "default", "cls")
"""Arguments of `json` that version 2 knows nothing of."""


class RenamedMethod(Struct, frozen=True):
    """The repair of an override that only gets its new name, and keeps the old one beside it: the clue."""

    old: str
    new: str


class WrapValidator(Struct, frozen=True):
    """The repair of a `from_orm` that becomes a validator around the whole model: the clue.

    `value`: the parameter that holds the object.
    """

    value: str


class WrapSerializer(Struct, frozen=True):
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


def defaults_only(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a `dict()` does nothing but to give arguments other defaults.

    Version 1 gave models inside others, and FastAPI responses, every argument, so that these never saw a difference.
    """
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    args = node.args
    own = [one.arg for one in (*args.args[1:], *args.kwonlyargs)]
    if args.kwarg is None or args.posonlyargs or not set(own) <= DUMP_KEYWORDS or not body:
        return False
    *first, last = body
    for statement in first:
        match statement:
            case ast.Expr(
                value=ast.Call(
                    func=ast.Attribute(value=ast.Name(id=held), attr="setdefault"),
                    args=[ast.Constant(value=str(name)), ast.Constant()],
                )
            ) if held == args.kwarg.arg and name in DUMP_KEYWORDS:
                continue
        return False
    match last:
        case ast.If(test=ast.Name(id=name), orelse=[otherwise]) if name in own and not first:
            return _hands_on(otherwise, node, {name})
    return _hands_on(last, node, set())


def _hands_on(statement: ast.stmt, node: ast.FunctionDef | ast.AsyncFunctionDef, known: set[str]) -> bool:
    """Whether a statement returns what the method above gives for all of its arguments.

    `known`: those that are what the method above takes them for.
    """
    match statement:
        case ast.Return(value=ast.Call(func=ast.Attribute(value=held, attr=attr)) as call):
            if not _is_super(held) or attr != node.name:
                return False
        case _:
            return False
    taken = {one.arg for one in (*node.args.args[1:], *node.args.kwonlyargs)}
    passed = {one.arg for one in call.keywords if getattr(one.value, "id", None) == one.arg}
    spread = any(
        one.arg is None and getattr(one.value, "id", "") == getattr(node.args.kwarg, "arg", "") for one in call.keywords
    )
    return spread and passed | known >= taken and {one.arg for one in call.keywords if one.arg} == passed


def plan_renaming(node: ast.FunctionDef, is_int: Callable[[ast.expr], bool]) -> Plan | None:
    """What becomes of an override that is renamed together with its `super()` calls; None where more is to be done."""
    old, whys = node.name, [""]
    for one in ast.walk(node):
        match one:
            case ast.Subscript(slice=ast.Constant(value=key), ctx=ast.Store()) if key in _HANDED_ON:
                return None
            case ast.Call(func=ast.Attribute(value=held, attr=attr)) if attr == old and _is_super(held):
                plan = plan_call(old, one, is_int)
                if not isinstance(plan.clue, str):
                    return None
                whys.append(plan.why)
            case ast.Attribute(value=ast.Name(id="BaseModel"), attr=attr) if attr == old:
                return None
    calls = sum(isinstance(one, ast.Attribute) and one.attr == old and _is_super(one.value) for one in ast.walk(node))
    if calls != len(whys) - 1:
        return None
    why = "the old name goes on meaning the same, for calls on what is not known"
    if old == "dict":
        why = "`pydantic_encoder` called it, and `to_jsonable_python` does not call `model_dump`"
    why = next((one for one in whys if one), why)
    return Plan(METHODS[old]).unsafe(why)


def object_read(node: ast.FunctionDef) -> str:
    """The parameter of a `from_orm` that holds the object, where that can become a validator; else empty."""
    args = node.args
    plain = not (args.posonlyargs or args.kwonlyargs or args.vararg or args.kwarg or args.defaults)
    if not plain or len(args.args) != 2 or len(node.decorator_list) != 1:
        return ""
    for one in ast.walk(node):
        match one:
            case ast.Name(id="handler") | ast.Yield() | ast.YieldFrom() | ast.FunctionDef() | ast.Lambda() if (
                one is not node
            ):
                return ""
            case ast.Attribute(attr="from_orm", value=held):
                if not _is_super(held):
                    return ""
    calls = [one for one in ast.walk(node) if is_reading(one)]
    read = [one for one in ast.walk(node) if isinstance(one, ast.Attribute) and one.attr == "from_orm"]
    returns = [one for one in ast.walk(node) if isinstance(one, ast.Return) and one.value is not None]
    return args.args[1].arg if len(calls) == len(read) and returns else ""


def is_reading(node: ast.AST) -> bool:
    """Whether a node is `super().from_orm(x)`."""
    match node:
        case ast.Call(func=ast.Attribute(value=held, attr="from_orm"), args=[one], keywords=[]):
            return _is_super(held) and not isinstance(one, ast.Starred)
    return False
