"""What an expression can be: the types `infer` answers with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from msgspec import Struct


class Unknown(Struct, frozen=True):
    """Not known, and not guessed. `why` says what stood in the way, for the list of undecided places."""

    why: str = ""


class Instance(Struct, frozen=True):
    """An object of the class `cls` (a canonical qualified name), `args` its type arguments where known.

    `None` is `builtins.NoneType`. A tuple's args are its elements' types, or one type for `tuple[X, ...]`
    when `cls` is `builtins.tuple` and `uniform` is set.
    """

    cls: str
    args: tuple[Type, ...] = ()
    uniform: bool = False


class ClassObject(Struct, frozen=True):
    """The class itself: what `User` is in `User.parse_obj(...)`."""

    cls: str
    args: tuple[Type, ...] = ()


class Callee(Struct, frozen=True):
    """A function or method (a canonical qualified name), bound to `receiver` where it was read from one."""

    qualname: str
    receiver: Instance | ClassObject | None = None


class ModuleObject(Struct, frozen=True):
    """A module."""

    name: str


class Foreign(Struct, frozen=True):
    """Something of a library whose source is not known: a dotted path from its module.

    `boto3.client` is that function, class or object, `boto3.client()` what calling it gives, and
    `boto3.client().list_buckets` an attribute of that.
    """

    path: str


class Variable(Struct, frozen=True):
    """A type variable not bound yet, by its qualified name; `bound` limits it."""

    name: str
    bound: Type | None = None


class Union(Struct, frozen=True):
    """One of several, none a Union or Unknown, in the order they were met; never just one, and none only in NEVER."""

    items: tuple[Type, ...]


Type: TypeAlias = Unknown | Instance | ClassObject | Callee | ModuleObject | Foreign | Variable | Union

UNKNOWN: Type = Unknown()
EMPTY = Unknown("nothing is put into it where it is made")
"""The elements of `[]`: whatever else the list is joined with knows better."""
NONE: Type = Instance("builtins.NoneType")
STR: Type = Instance("builtins.str")
INT: Type = Instance("builtins.int")
LITERALS: Mapping[str, Type] = {
    "none": NONE,
    "str": STR,
    "bytes": Instance("builtins.bytes"),
    "int": INT,
    "float": Instance("builtins.float"),
    "complex": Instance("builtins.complex"),
    "bool": Instance("builtins.bool"),
    "ellipsis": Instance("types.EllipsisType"),
}
"""Kind of a constant -> its type."""
NEVER: Type = Union(())
"""No value at all: what a function that only calls itself returns. Adds nothing to a union."""


def union(types: list[Type]) -> Type:
    """Join types; Unknown if any is, or if there are none."""
    flat: dict[Type, None] = {}
    if not types:
        return UNKNOWN
    for one in types:
        if isinstance(one, Unknown):
            return one
        for item in one.items if isinstance(one, Union) else (one,):
            flat[item] = None
    items = tuple(flat)
    if len(items) > 1:
        known = {item.cls for item in items if isinstance(item, Instance) and EMPTY not in item.args}
        items = tuple([i for i in items if not (isinstance(i, Instance) and EMPTY in i.args and i.cls in known)])
    return items[0] if len(items) == 1 else Union(items)


def without_none(one: Type) -> Type:
    """The type with `None` taken out of a union; `None` alone stays."""
    if isinstance(one, Union):
        return union([item for item in one.items if item != NONE] or [one])
    return one


def show(one: Type) -> str:
    """A type as a person writes it, with qualified names; `?` where it is not known."""
    if isinstance(one, Instance):
        if one == NONE:
            return "None"
        name = one.cls.removeprefix("builtins.")
        args = [show(a) for a in one.args] + (["..."] if one.uniform and one.args else [])
        return f"{name}[{', '.join(args)}]" if args else name
    if isinstance(one, ClassObject):
        return f"type[{show(Instance(one.cls, one.args))}]"
    if isinstance(one, Union):
        return " | ".join([show(i) for i in one.items]) or "Never"
    if isinstance(one, Callee):
        return f"def {one.qualname}"
    if isinstance(one, ModuleObject):
        return f"module {one.name}"
    if isinstance(one, Foreign):
        return f"{one.path}?"
    if isinstance(one, Variable):
        return one.name.rpartition(".")[2]
    return "?"


def short(name: str) -> str:
    """The last part of a qualified name: `User` of `app.models.User`."""
    return name.rpartition(".")[2]
