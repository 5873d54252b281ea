"""What each file's findings rest on, so that after a change only the files are checked again that it can concern."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from .file import Note
from .infer import Inference
from .infer.earlier import Shared, SharedKey
from .infer.params import mentions
from .model import Place
from .rests import Part, Rest, decoder_of, digest_of, packed, rest_of, set_bits, unpacked
from .rows import finding_of, row_of
from .run import Checked, Reads


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
        untouched = [one for one in entries if not unpacked(one.reads) & self._changed and one.path not in self._others]
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
        if unpacked(rest.files) & self._changed or (not rest.module and rest.name in self._named):
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
        return Shared(value, self._types.project.noted(unpacked(rest.files), rest.keys))

    def parts(self, key: SharedKey, step: Callable[..., object]) -> dict[str, Shared]:
        """Path -> what a question's answer was made of for that file, where nothing has changed that this rests on."""
        rest = self._rests.get(key)
        decoder = decoder_of(step.__module__, step.__name__)
        found: dict[str, Shared] = {}
        kept: list[Part] = []
        if rest is None or decoder is None or len(rest.parts) != len(self._ledger.known):
            return found
        changed = set(set_bits(self._changed))
        holds = [self._holds(one) for one in rest.keys]
        bits = [self._types.project.noted(0, [one]) for one in rest.keys]
        for path, part in zip(self._ledger.known, rest.parts, strict=True):
            if not changed.isdisjoint(part.files) or not all(holds[number] for number in part.on):
                continue
            try:
                value = decoder.decode(part.value)
            except msgspec.MsgspecError:
                continue
            read = 0
            for number in part.files:
                read |= 1 << number
            for number in part.on:
                read |= bits[number]
            found[path] = Shared(value, read)
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
            Entry(path, packed(reads.files), tuple([self._positions[what] for what in reads.rests]), data)
            for path, reads, data in checked
            if path in self._known
        ]
        return Ledger(self._paths, self._digests, self._active, self._rests, tuple(entries))


def reads_of(ledger: Ledger, entry: Entry) -> Reads:
    """What an entry rests on."""
    return Reads(unpacked(entry.reads), tuple([ledger.rests[position].key for position in entry.rests]))
