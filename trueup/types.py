"""What an expression can be: the types `infer` answers with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Unknown:
    """Not known, and not guessed. `why` says what stood in the way, for the list of undecided places."""

    why: str = ""


@dataclass(frozen=True, slots=True)
class Instance:
    """An object of the class `cls` (a canonical qualified name), `args` its type arguments where known.

    `None` is `builtins.NoneType`. A tuple's args are its elements' types, or one type for `tuple[X, ...]`
    when `cls` is `builtins.tuple` and `uniform` is set.
    """

    cls: str
    args: tuple[Type, ...] = ()
    uniform: bool = False


@dataclass(frozen=True, slots=True)
class ClassObject:
    """The class itself: what `User` is in `User.parse_obj(...)`."""

    cls: str
    args: tuple[Type, ...] = ()


@dataclass(frozen=True, slots=True)
class Callee:
    """A function or method (a canonical qualified name), bound to `receiver` where it was read from one."""

    qualname: str
    receiver: Instance | ClassObject | None = None


@dataclass(frozen=True, slots=True)
class ModuleObject:
    """A module."""

    name: str


@dataclass(frozen=True, slots=True)
class Variable:
    """A type variable not bound yet; `bound` limits it."""

    name: str
    bound: Type | None = None


@dataclass(frozen=True, slots=True)
class Union:
    """One of several, at least two, none of them a Union or Unknown; in the order they were met."""

    items: tuple[Type, ...]


Type: TypeAlias = Unknown | Instance | ClassObject | Callee | ModuleObject | Variable | Union

UNKNOWN = Unknown()
NONE = Instance("builtins.NoneType")


def union(types: list[Type]) -> Type:
    """Join types; Unknown if any is."""
    flat: dict[Type, None] = {}
    for one in types:
        if isinstance(one, Unknown):
            return one
        for item in one.items if isinstance(one, Union) else (one,):
            flat[item] = None
    items = tuple(flat)
    if not items:
        return UNKNOWN
    return items[0] if len(items) == 1 else Union(items)


def without_none(one: Type) -> Type:
    """The type with `None` taken out of a union; `None` alone stays."""
    if isinstance(one, Union):
        return union([item for item in one.items if item != NONE])
    return one
