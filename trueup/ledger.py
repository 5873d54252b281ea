"""What each file's findings rest on, so that after a change only the files are checked again that it can concern."""

from __future__ import annotations

import functools
import importlib
import json
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from hashlib import blake2b
from types import MappingProxyType, SimpleNamespace
from typing import NamedTuple, TypeAlias, cast, get_type_hints

import msgspec

from .file import Note
from .index.facts import FileFacts
from .infer import Inference
from .infer.earlier import Shared, SharedKey
from .infer.params import Mention, mentioning, mentions
from .model import Place
from .rows import finding_of, row_of
from .run import Checked, Reads

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


class Entry(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One file: its content, what its findings rest on, and the findings."""

    path: str
    reads: bytes
    """The files that were read for them, as bits: the first of `Ledger.known` is the lowest."""
    rests: tuple[int, ...]
    """Positions in `Ledger.rests`."""
    checked: bytes


class Ledger(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A whole run: every file that was checked."""

    known: tuple[str, ...]
    """The paths of all files that could be read, as the project orders them."""
    digests: tuple[str, ...]
    """Of their content, in the same order."""
    active: tuple[str, ...]
    """The codes of the rules that were at work."""
    rests: tuple[Rest, ...]
    entries: tuple[Entry, ...]


_NOTHING = b"[]"
"""Stands for a file where nothing was found, as in most."""


def encode_checked(one: Checked) -> bytes:
    """What checking one file gave, as bytes."""
    if not (one.findings or one.suppressed or one.notes or one.unparsed):
        return _NOTHING
    told = [[row_of(f) for f in one.findings], one.suppressed, one.notes, one.unparsed]
    return json.dumps(told, separators=(",", ":"), ensure_ascii=True).encode()


def decode_checked(path: str, data: bytes) -> Checked:
    """The opposite; without clues, like all that is remembered. Raises ValueError for anything else."""
    if data == _NOTHING:
        return Checked(path, [])
    findings, suppressed, notes, unparsed = json.loads(data)
    kept = [Note(code, verdict, Place(*place)) for code, verdict, place in notes]
    return Checked(path, [finding_of(row) for row in findings], suppressed, kept, unparsed=unparsed)


def as_reads(types: Inference, reads: int) -> Reads:
    """What the bits that a project noted stand for."""
    own = reads & types.project.own_bits
    return Reads(own, types.project.named(reads ^ own))


def rest_of(
    types: Inference, what: Hashable, digest: str | None = None, known: Mapping[int, Part] = MappingProxyType({})
) -> Rest:
    """What something is now that findings rest on.

    `digest`: that of the answer, if it is known. `known`: of what it is made of, by the ids, what has been so before.
    """
    if isinstance(what, Mention):
        bits = types.project.bits_of(mentioning(types, what.name))
        return Rest("", what.name, files=_bytes(bits))
    assert isinstance(what, SharedKey)
    value, read = types.answered(what)
    own = read & types.project.own_bits
    on = tuple([_named(one) for one in _others(types, read ^ own)])
    digest = digest_of(value) if digest is None else digest
    parts = _parts(types, what, read ^ own, known)
    kept = _encoded(value) if digest and not parts else b""  # it is made again from its parts in no time
    return Rest(*_named(what), _bytes(own), digest, on, kept, parts)


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
        found.append(Part(tuple(_positions(own)), on, _encoded(part.value)))
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


class Changes(NamedTuple):
    """The files whose content is not what it was, by their paths."""

    seen: list[str]
    """Those of which something is known that others may rest on."""
    unseen: list[str]
    """Those of which only the text is another: a comment, say."""


def changed_since(ledger: Ledger, types: Inference, active: Sequence[str], alike: Mapping[str, str]) -> Changes | None:
    """What has changed since a ledger was made; None where there are other files or rules.

    `alike`: path -> the digest of an earlier content of which just the same is known as of what the file holds now.
    """
    files = types.project.files
    if ledger.known != tuple(files) or ledger.active != tuple(active):
        return None
    pairs = zip(dict.values(files), ledger.digests, strict=True)
    changed = [(one.path, alike.get(one.path) == digest) for one, digest in pairs if one.digest != digest]
    return Changes([path for path, same in changed if not same], [path for path, same in changed if same])


class Since:
    """What of a ledger still holds, now that some files have changed."""

    def __init__(self, ledger: Ledger, types: Inference, changes: Changes) -> None:
        # Kept alive: whoever has several of these tells them apart by the ids of their ledgers' `rests`.
        self._ledger = ledger
        self._types = types
        self._rests = {rest.key: rest for rest in ledger.rests}
        self._keys = list(self._rests)
        self._changed = types.project.bits_of(changes.seen)
        self._others = frozenset(changes.unseen)
        self._named = {name for path in changes.seen for name in mentions(types, path)}
        self._verdicts: dict[Hashable, bool] = {}
        self._digests: dict[Hashable, str] = {}
        """Of the answers that were asked for again."""
        self._parts: dict[Hashable, tuple[list[Shared], list[Part]]] = {}
        """What `parts` took from the ledger: the same things in two forms."""

    def good(self, entries: Iterable[Entry]) -> list[Entry]:
        """Those of some entries whose findings would be found again."""
        untouched = [one for one in entries if not _int(one.reads) & self._changed and one.path not in self._others]
        asked = set[int]().union(*[one.rests for one in untouched])
        gone = {position for position in sorted(asked) if not self._holds(self._keys[position])}
        return [one for one in untouched if gone.isdisjoint(one.rests)] if gone else untouched

    def _holds(self, key: Hashable) -> bool:
        known = self._verdicts.get(key)
        if known is None:
            rest = self._rests.get(key)
            known = rest is not None and (self._is_untouched(rest) or self._is_equal(rest))
            self._verdicts[key] = known
        return known

    def _is_untouched(self, rest: Rest) -> bool:
        if _int(rest.files) & self._changed or (not rest.module and rest.name in self._named):
            return False
        return all(self._holds(key) for key in rest.keys)

    def _is_equal(self, rest: Rest) -> bool:
        """Whether the answer to a question is what it was."""
        if not rest.module or not rest.digest:
            return False
        function = getattr(importlib.import_module(rest.module), rest.name, None)
        if function is None:
            return False
        digest = self._digests[rest.key] = digest_of(self._types.shared(function, *rest.args))
        return digest == rest.digest

    def answer(self, key: SharedKey) -> Shared | None:
        """The answer to a question, where nothing that it was made from has changed and it is known still."""
        rest = self._rests.get(key)
        if rest is None or not rest.value or not self._is_untouched(rest):
            return None
        decoder = decoder_of(rest.module, rest.name)
        try:
            value = decoder.decode(rest.value) if decoder is not None else None
        except msgspec.MsgspecError:
            return None
        if digest_of(value) != rest.digest:  # its function does not say all of what it gives
            return None
        self._verdicts[key] = True
        return Shared(value, self._types.project.noted(_int(rest.files), rest.keys))

    def parts(self, key: SharedKey, step: Callable[..., object]) -> dict[str, Shared]:
        """Path -> what a question's answer was made of for that file, where nothing has changed that this rests on."""
        rest = self._rests.get(key)
        decoder = decoder_of(step.__module__, step.__name__)
        found: dict[str, Shared] = {}
        kept: list[Part] = []
        if rest is None or decoder is None or len(rest.parts) != len(self._ledger.known):
            return found
        changed = set(_positions(self._changed))
        holds = [self._holds(one) for one in rest.keys]
        bits = [self._types.project.noted(0, [one]) for one in rest.keys]
        for path, part in zip(self._ledger.known, rest.parts, strict=True):
            if changed.isdisjoint(part.files) and all(holds[number] for number in part.on):
                read = 0
                for number in part.files:
                    read |= 1 << number
                for number in part.on:
                    read |= bits[number]
                found[path] = Shared(decoder.decode(part.value), read)
                kept.append(part)
        self._parts[key] = list(found.values()), kept
        return found

    def rest(self, key: Hashable) -> Rest:
        """What something is now that findings rest on."""
        rest = self._rests.get(key)
        if rest is None:
            return rest_of(self._types, key)
        if self._is_untouched(rest):
            return rest
        made, kept = self._parts.get(key, ([], []))
        known = {id(one): part for one, part in zip(made, kept, strict=True)}
        found = rest_of(self._types, key, self._digests.get(key), known)
        # Parts say by positions what else they rest on: where these are others now, they are all told anew.
        return found if found.on == rest.on else rest_of(self._types, key, self._digests.get(key))


def encode(ledger: Ledger) -> bytes:
    """A ledger as bytes."""
    return msgspec.msgpack.encode(ledger)


def decode(data: bytes) -> Ledger | None:
    """A ledger from bytes; None where they are none."""
    try:
        return msgspec.msgpack.decode(data, type=Ledger)
    except (msgspec.MsgspecError, ValueError):
        return None


class Maker:
    """Makes ledgers of one state of a project."""

    def __init__(self, types: Inference, active: Iterable[str], rests: Mapping[Hashable, Rest]) -> None:
        """`rests`: what findings rest on besides files, and what that was."""
        files = dict(dict.items(types.project.files))
        self._paths, self._active = tuple(files), tuple(active)
        self._digests = tuple([one.digest for one in files.values()])
        self._rests = tuple(rests.values())
        self._positions: dict[Hashable, int] = {what: number for number, what in enumerate(rests)}
        self._known = files.keys()

    def make(self, checked: Iterable[tuple[str, Reads, bytes]]) -> Ledger:
        """The ledger of a run: `checked` has (path, what it rests on, encoded findings)."""
        entries = [
            Entry(path, _bytes(reads.files), tuple([self._positions[what] for what in reads.rests]), data)
            for path, reads, data in checked
            if path in self._known
        ]
        return Ledger(self._paths, self._digests, self._active, self._rests, tuple(entries))


def reads_of(ledger: Ledger, entry: Entry) -> Reads:
    """What an entry rests on."""
    return Reads(_int(entry.reads), tuple([ledger.rests[position].key for position in entry.rests]))


def _bytes(bits: int) -> bytes:
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")


def _positions(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _int(data: bytes) -> int:
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
