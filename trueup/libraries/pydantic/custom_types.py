"""Classes that say themselves how they are validated: the hooks of version 1 and what takes their place."""

from __future__ import annotations

from dataclasses import dataclass

from ...index.facts import Param
from ...infer import Inference

STEPS = {
    "str_validator": "str_schema()",
    "int_validator": "int_schema()",
    "float_validator": "float_schema()",
    "bool_validator": "bool_schema()",
    "bytes_validator": "bytes_schema()",
    "dict_validator": "dict_schema()",
    "list_validator": "list_schema()",
    "set_validator": "set_schema()",
    "tuple_validator": "tuple_schema([any_schema()], variadic_item_index=0)",
}
"""Validator of `pydantic.validators` -> what checks the same in `pydantic_core.core_schema`."""
_SCHEMAS = {
    "pathlib.Path": '{"type": "string", "format": "path"}',
    "datetime.datetime": '{"type": "string", "format": "date-time"}',
    "datetime.date": '{"type": "string", "format": "date"}',
    "datetime.time": '{"type": "string", "format": "time"}',
    "datetime.timedelta": '{"type": "number", "format": "time-delta"}',
    "builtins.bytes": '{"type": "string", "format": "binary"}',
    "builtins.str": '{"type": "string"}',
    "builtins.bool": '{"type": "boolean"}',
    "builtins.int": '{"type": "integer"}',
    "builtins.float": '{"type": "number"}',
    "decimal.Decimal": '{"type": "number"}',
    "uuid.UUID": '{"type": "string", "format": "uuid"}',
    "builtins.dict": '{"type": "object"}',
    "builtins.list": '{"type": "array", "items": {}}',
    "builtins.tuple": '{"type": "array", "items": {}}',
    "builtins.set": '{"type": "array", "items": {}, "uniqueItems": True}',
    "builtins.frozenset": '{"type": "array", "items": {}, "uniqueItems": True}',
}
"""Base -> the JSON schema that version 1 began with."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """What becomes of the hooks of a class.

    `steps`: sources of the parts of the core schema, in order (none: it has no validators of its own), where `{}` is
    the module `core_schema`. `schema`: the source of the JSON schema that its `__modify_schema__` changes; `handler`
    where Pydantic has one to start from; empty where none is needed. `changed`: whether it has that hook.
    `methods`: its validators, whose `TypeError`s version 2 lets through.
    """

    steps: tuple[str, ...]
    schema: str
    changed: bool
    methods: tuple[str, ...] = ()


def first_schema(types: Inference, cls: str) -> str:
    """The source of the JSON schema that version 1 began with for a class; empty if it knew none."""
    return next((_SCHEMAS[name] for name in types.mro(cls).names if name in _SCHEMAS), "")


def takes_value_alone(params: tuple[Param, ...], *, bound: bool) -> bool:
    """Whether a validator takes nothing but the value; `bound`: behind `cls` or `self`."""
    rest = params[1:] if bound else params
    return len(rest) == 1 and rest[0].kind in ("positional", "positional-only")
