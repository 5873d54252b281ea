"""What `await`, `for` and `with` make of a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..types import (
    INT,
    NONE,
    UNKNOWN,
    ClassObject,
    Instance,
    Type,
    Union,
    Unknown,
    union,
    without_none,
)

if TYPE_CHECKING:
    from .engine import Inference


def awaited(types: Inference, value: Type) -> Type:
    """What `await value` gives."""
    if isinstance(value, Union):
        return union([awaited(types, i) for i in value.items if i != NONE])
    if not isinstance(value, Instance):
        return UNKNOWN
    if value.cls == "collections.abc.Coroutine":
        return value.args[-1] if value.args else UNKNOWN
    made = types.method_result(value, "__await__", [])
    if isinstance(made, Instance) and made.cls == "collections.abc.Generator" and len(made.args) == 3:
        return made.args[2]
    return UNKNOWN


def iterated(types: Inference, value: Type, asynchronous: bool = False) -> Type:
    """What iterating over something gives, one at a time."""
    value = without_none(value)
    if isinstance(value, Union):
        return union([iterated(types, i, asynchronous) for i in value.items])
    if isinstance(value, ClassObject):
        return Instance(value.cls) if types.is_subclass(value.cls, "enum.Enum") else UNKNOWN
    if not isinstance(value, Instance):
        return UNKNOWN
    if value.cls == "builtins.tuple" and value.args:
        return union(list(value.args))
    maker = "__aiter__" if asynchronous else "__iter__"
    iterator = types.method_result(value, maker, [])
    base = "collections.abc.AsyncIterator" if asynchronous else "collections.abc.Iterator"
    if isinstance(iterator, Instance):
        args = types.ancestor_args(iterator.cls, iterator.args, base)
        if args:
            return args[0]
        step = types.method_result(iterator, "__anext__" if asynchronous else "__next__", [])
        return awaited(types, step) if asynchronous else step
    if not asynchronous and isinstance(iterator, Unknown):
        return types.method_result(value, "__getitem__", [INT])
    return UNKNOWN


def entered(types: Inference, value: Type, asynchronous: bool = False) -> Type:
    """What `with value as x` binds."""
    value = without_none(value)
    if isinstance(value, Union):
        return union([entered(types, i, asynchronous) for i in value.items])
    if not isinstance(value, Instance):
        return UNKNOWN
    if asynchronous:
        return awaited(types, types.method_result(value, "__aenter__", []))
    return types.method_result(value, "__enter__", [])
