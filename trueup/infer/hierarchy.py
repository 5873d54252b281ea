"""Classes: their bases, the order their members are looked up in, and what a member is."""

from __future__ import annotations

from msgspec import Struct

from ..index.facts import Binding, Field
from ..index.project import ClassSymbol, FunctionSymbol


class Mro(Struct, frozen=True, array_like=True):
    """The classes a class inherits from, itself first, in lookup order.

    A base that was made by a call and named by a variable (`Base = declarative_base()`) stands in it under the
    variable's qualified name, before the class the call gives. `complete` is False where a base is not known.
    """

    names: tuple[str, ...]
    complete: bool


class Member(Struct, frozen=True):
    """Where a name of a class is defined: `owner` is the class in whose body it stands (or which assigns it)."""

    owner: ClassSymbol
    name: str
    function: FunctionSymbol | None = None
    field: Field | None = None
    klass: ClassSymbol | None = None
    assigned: tuple[Field, ...] = ()
    """`self.name = ...` in the methods of the owner."""
    binding: Binding | None = None


def linearize(name: str, parents: list[tuple[str, ...]]) -> tuple[str, ...]:
    """C3; where the parents contradict each other, depth first with the last mention kept."""
    sequences = [list(p) for p in parents if p]
    heads = [p[0] for p in parents if p]
    sequences.append(heads)
    result = [name]
    while True:
        sequences = [s for s in sequences if s]
        if not sequences:
            return tuple(result)
        for sequence in sequences:
            candidate = sequence[0]
            if not any(candidate in other[1:] for other in sequences):
                break
        else:
            flat = [n for p in parents for n in p]
            return (name, *[n for i, n in enumerate(flat) if n not in flat[i + 1 :] and n != name])
        result.append(candidate)
        for sequence in sequences:
            if sequence[0] == candidate:
                del sequence[0]
