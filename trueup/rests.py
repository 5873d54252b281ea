"""Tables of the whole project, and the calls that mention a name: what they are now, as bytes that can be compared."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from hashlib import blake2b
from types import MappingProxyType, SimpleNamespace
from typing import TypeAlias, cast, get_type_hints

import msgspec

from .index.facts import FileFacts
from .infer import Inference
from .infer.earlier import SharedKey
from .infer.params import Mention, mentioning

_Plain: TypeAlias = str | int | float | bool | None
Args: TypeAlias = tuple[_Plain | tuple[_Plain | tuple[_Plain, ...], ...], ...]
"""The arguments of a question about the whole project: texts, numbers, and tuples of these."""


class Part(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What one file gives to a table."""

    files: tuple[int, ...]
    """The files that were read for it: positions in `Ledger.known`."""
    on: tuple[int, ...]
    """What else it was made from: positions in `Rest.on`."""
    value: bytes


class Rest(msgspec.Struct, array_like=True, frozen=True, dict=True):
    """Something other than a file that findings rest on, and what it was when they were found."""

    module: str
    """Of the function of a `Inference.shared` question; empty for the calls that mention a name."""
    name: str
    args: Args = ()
    files: bytes = b""
    """The files it was made from (of a name: those that mention it), as bits."""
    digest: str = ""
    """Of the answer; empty where it has none that can be compared."""
    on: tuple[tuple[str, str, Args], ...] = ()
    """What else it was made from: module, name and arguments of each."""
    value: bytes = b""
    """The answer itself; empty where it cannot be kept."""
    parts: tuple[Part, ...] = ()
    """What it was made of, one for each file in their order; empty where it was not made so."""

    @functools.cached_property
    def key(self) -> Hashable:
        """What it is noted under."""
        return _key(self.module, self.name, self.args)

    @functools.cached_property
    def keys(self) -> list[Hashable]:
        """What the things are noted under that it was made from."""
        return [_key(*one) for one in self.on]


def _key(module: str, name: str, args: Args) -> Hashable:
    return SharedKey(module, name, args) if module else Mention(name)


def rest_of(
    types: Inference, what: Hashable, digest: str | None = None, known: Mapping[int, Part] = MappingProxyType({})
) -> Rest:
    """What something is now that findings rest on.

    `digest`: that of the answer, if it is known. `known`: of what it is made of, by the ids, what has been so before.
    """
    if isinstance(what, Mention):
        bits = types.project.bits_of(mentioning(types, what.name))
        return Rest("", what.name, files=packed(bits))
    assert isinstance(what, SharedKey)
    value, read = types.answered(what)
    own = read & types.project.own_bits
    on = tuple([_named(one) for one in _others(types, read ^ own)])
    digest = digest_of(value) if digest is None else digest
    parts = _parts(types, what, read ^ own, known)
    kept = _encoded(value) if digest and not parts else b""  # it is made again from its parts in no time
    return Rest(*_named(what), packed(own), digest, on, kept, parts)


def _parts(types: Inference, what: SharedKey, others: int, known: Mapping[int, Part]) -> tuple[Part, ...]:
    project = types.project
    positions = {name: number for number, name in enumerate(project.named(others))}
    found: list[Part] = []
    for part in types.parts_of(what).values():
        if id(part) in known:
            found.append(known[id(part)])
            continue
        own = part.read & project.own_bits
        on = tuple([positions[name] for name in project.named(part.read ^ own)])
        found.append(Part(tuple(set_bits(own)), on, _encoded(part.value)))
    return tuple(found) if all(one.value for one in found) else ()


def _encoded(value: object) -> bytes:
    """An answer as bytes; none for one that is made of something else than texts, numbers, structures and the like."""
    try:
        return msgspec.msgpack.encode(value)
    except (TypeError, ValueError, OverflowError):
        return b""


@functools.cache
def decoder_of(module: str, function: str) -> msgspec.msgpack.Decoder[object] | None:
    """What makes an answer of bytes; None where the function does not say what its answers are."""
    names = vars(importlib.import_module(module))
    told = getattr(names.get(function), "__annotations__", {}).get("return")
    try:
        # Of the whole function some annotations may stand for what only type checkers import.
        hints = get_type_hints(SimpleNamespace(__annotations__={"return": told}), names)
        return msgspec.msgpack.Decoder(hints["return"]) if told is not None else None
    except (NameError, TypeError):
        return None


def _named(what: SharedKey | Mention) -> tuple[str, str, Args]:
    if isinstance(what, Mention):
        return "", what.name, ()
    return what.module, what.function, cast("Args", what.args)


def _others(types: Inference, bits: int) -> Iterator[SharedKey | Mention]:
    for what in types.project.named(bits):
        assert isinstance(what, SharedKey | Mention)
        yield what


def with_those_below(
    wanted: Iterable[Hashable], known: Callable[[Hashable], Rest], but: Container[Hashable] = ()
) -> dict[Hashable, Rest]:
    """Some things findings rest on, and what these were made from in their turn, without those of `but`."""
    found: dict[Hashable, Rest] = {}
    waiting = list(wanted)
    while waiting:
        what = waiting.pop()
        if what not in found and what not in but:
            found[what] = known(what)
            waiting += found[what].keys
    return found


def packed(bits: int) -> bytes:
    """Bits as bytes, the lowest first."""
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")


def set_bits(bits: int) -> Iterator[int]:
    """The positions of the bits that are set."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def unpacked(data: bytes) -> int:
    """The opposite."""
    return int.from_bytes(data, "little")


class _Incomparable(Exception):
    pass


def digest_of(value: object) -> str:
    """A digest that is equal for equal answers; empty for one that cannot be compared by what it holds."""
    state = blake2b(digest_size=16)
    try:
        _feed(value, state.update)
    except _Incomparable:
        return ""
    return state.hexdigest()


def _feed(value: object, add: Callable[[bytes], object]) -> None:
    name = type(value).__name__.encode()
    match value:
        case None | bool() | int() | float() | Enum():
            add(b"%s %s;" % (name, repr(value).encode()))
        case str():
            add(b"s%d %s" % (len(value), value.encode(errors="surrogatepass")))
        case FileFacts():
            add(b"file %s;" % value.digest.encode())
            _feed(value.path, add)
        case msgspec.Struct() if value.__struct_config__.array_like:  # facts: no class is told from another by less
            data = msgspec.msgpack.encode(value)
            add(b"%s %d %s" % (name, len(data), data))
        case tuple() | list():
            add(b"%s %d(" % (name, len(value)))
            for item in value:
                _feed(item, add)
        case dict():
            add(b"dict %d(" % len(value))
            for key, item in value.items():
                _feed(key, add)
                _feed(item, add)
        case set() | frozenset():
            add(b"set %d(" % len(value))
            if all(item.__class__ is str for item in value):
                _feed(sorted(value), add)
                return
            for digest in sorted(digest_of(item) or _refuse() for item in value):
                add(digest.encode())
        case msgspec.Struct():
            add(b"%s(" % name)
            for field in value.__struct_fields__:
                _feed(getattr(value, field), add)
        case _ if is_dataclass(value):
            add(b"%s(" % name)
            for one in fields(value):
                _feed(getattr(value, one.name), add)
        case _:
            raise _Incomparable


def _refuse() -> str:
    raise _Incomparable
