"""What models of version 1 have inside, and where version 2 has it."""

from __future__ import annotations

import ast

from msgspec import Struct

from .methods import DUMP_KEYWORDS


class Internal(Struct, frozen=True):
    """One name. `gone`: version 2 raises `AttributeError`; `new`: its name there, or near it; `instead`: what to do."""

    gone: bool
    new: str
    instead: str


_DECORATORS = "the validators of a model are in `__pydantic_decorators__`"
_EXCLUDED = "ask each `FieldInfo` of `model_fields` for its `exclude`"
INTERNALS = {
    "__validators__": Internal(True, "__pydantic_decorators__", _DECORATORS),
    "__pre_root_validators__": Internal(True, "__pydantic_decorators__", _DECORATORS),
    "__post_root_validators__": Internal(True, "__pydantic_decorators__", _DECORATORS),
    "__schema_cache__": Internal(True, "model_json_schema", "schemas are not cached; there is nothing to clear"),
    "__custom_root_type__": Internal(True, "__pydantic_root_model__", "ask `__pydantic_root_model__`"),
    "__exclude_fields__": Internal(True, "model_fields", _EXCLUDED),
    "__include_fields__": Internal(True, "model_fields", _EXCLUDED),
    "__json_encoder__": Internal(True, "model_dump", 'let `model_dump(mode="json")` encode, or `to_jsonable_python`'),
    "_init_private_attributes": Internal(True, "model_post_init", "override `model_post_init` instead"),
    "_decompose_class": Internal(
        True, "model_validate", "`model_validate(..., from_attributes=True)` reads attributes"
    ),
    "_enforce_dict_if_root": Internal(True, "model_validate", "a `RootModel` takes its value as it is"),
    "__try_update_forward_refs__": Internal(True, "model_rebuild", "call `model_rebuild(raise_errors=False)`"),
    "_iter": Internal(False, "model_dump", "use `model_dump()`, or `dict(model)` where models inside stay models"),
    "_get_value": Internal(False, "model_dump", "use `model_dump()`, or a `@field_serializer`"),
    "_calculate_keys": Internal(False, "model_dump", "`model_dump()` works out by itself what to include"),
    "_copy_and_set_values": Internal(False, "model_copy", "use `model_copy(update=...)` or `model_construct()`"),
}
"""Attribute or method of version 1 -> its successor."""


class Pairs(Struct, frozen=True):
    """What becomes of a call of `_iter`: the clue.

    `shape`: model (`for k, v in m`), iter (`iter(m)`), dump (`m.model_dump(...).items()`); `dropped`: what goes.
    """

    shape: str
    dropped: tuple[str, ...] = ()


def plan_pairs(call: ast.Call, parent: ast.AST | None) -> Pairs | None:
    """What becomes of `m._iter(...)`; None where its arguments are not known."""
    given = {one.arg: one.value for one in call.keywords}
    if call.args or None in given or not given.keys() <= DUMP_KEYWORDS | {"to_dict"}:
        return None
    to_dict = given.pop("to_dict", None)
    if to_dict is None or (isinstance(to_dict, ast.Constant) and to_dict.value is False):
        if given:
            return None
        match parent:
            case ast.For(iter=held) | ast.comprehension(iter=held) if held is call:
                return Pairs("model")
            case ast.Call(func=ast.Name(id="dict" | "list" | "tuple"), args=[held], keywords=[]) if held is call:
                return Pairs("model")
        return Pairs("iter")
    if isinstance(to_dict, ast.Constant) and to_dict.value is True and "skip_defaults" not in given:
        return Pairs("dump", ("to_dict",))
    return None
