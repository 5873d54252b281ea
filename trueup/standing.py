"""What checks found in files, and what of that a later check would find again."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import partial
from typing import TypeAlias

from .infer import Inference
from .ledger import (
    Entry,
    Ledger,
    Maker,
    Since,
    changed_since,
    decode,
    decode_checked,
    encode,
    encode_checked,
    reads_of,
)
from .rests import Rest, rest_of, with_those_below
from .run import Checked, Part

Mode: TypeAlias = tuple[Part, bool]
"""How a check is made: with which rules, and whether comments hide nothing."""


class Standing:
    """The findings of checks of one set of files, whose texts change in between.

    `active`, wherever it is asked for: the codes of all rules at work, which findings rest on too.
    """

    def __init__(self) -> None:
        self._last: dict[Mode, tuple[Ledger, dict[str, Checked]]] = {}
        """What the last check of all files found, and what that rests on."""
        self._complete: dict[Mode, dict[str, Checked]] = {}
        """What was found in all files as they are now."""
        self._some: dict[Mode, dict[str, Checked]] = {}
        """What was found in some files as they are now."""
        self._since: dict[int, Since] = {}
        """What of earlier ledgers still holds, by the id of their `rests`: those made together share these."""
        self._recalled: Since | None = None
        """What holds of what an earlier run found."""
        self._rests: dict[Hashable, Rest] = {}
        """What findings rest on besides files, as it is now."""

    def begin(self) -> None:
        """The project is another now: what was found before is known by its ledger alone."""
        self._rests, self._since, self._some, self._recalled = {}, {}, {}, None

    def add(self, mode: Mode, found: dict[str, Checked], *, everywhere: bool) -> None:
        """Note what was found in all files, or in some."""
        if everywhere:
            self._complete[mode] = found
        else:
            self._some.setdefault(mode, {}).update(found)

    def keep(self, types: Callable[[], Inference], active: Callable[[], list[str]]) -> None:
        """Note what the checks of all files rest on, before anything changes."""
        if self._complete:
            maker = Maker(types(), active(), self._rests)
            for mode, found in self._complete.items():
                self._last[mode] = maker.make([(one.path, one.reads, b"") for one in found.values()]), found
        self._complete, self._some = {}, {}

    def found(self, mode: Mode, types: Callable[[], Inference], active: Callable[[], list[str]]) -> dict[str, Checked]:
        """Path -> what would be found again, as far as this run has found it before."""
        if mode in self._complete:
            return dict(self._complete[mode])
        if mode not in self._last:
            return dict(self._some.get(mode, {}))
        last, found = self._last[mode]
        since = self._since.get(id(last.rests))
        if since is None:
            changes = changed_since(last, types(), active(), {})
            if changes is None:
                return dict(self._some.get(mode, {}))
            since = self._since[id(last.rests)] = Since(last, types(), changes)
        good = self._taken_over(last, since, lambda _, entry: found[entry.path])
        return good | self._some.get(mode, {})

    def recalled(
        self, earlier: bytes, types: Inference, active: list[str], alike: Mapping[str, str]
    ) -> dict[str, Checked]:
        """Path -> what would be found again of that which an earlier run found; `earlier`: its ledger.

        `alike`: as `changed_since` takes it.
        """
        recalled = self.recall_answers(earlier, types, active, alike)
        return self._taken_over(*recalled, _decoded) if recalled is not None else {}

    def recall_answers(
        self, earlier: bytes, types: Inference, active: list[str], alike: Mapping[str, str]
    ) -> tuple[Ledger, Since] | None:
        """Let the answers of an earlier run be asked first; its ledger, and what of it still holds."""
        ledger = decode(earlier)
        changes = changed_since(ledger, types, active, alike) if ledger is not None else None
        if ledger is None or changes is None:
            return None
        self._recalled = types.earlier = Since(ledger, types, changes)
        return ledger, self._recalled

    def _taken_over(
        self, last: Ledger, since: Since, told: Callable[[Ledger, Entry], Checked | None]
    ) -> dict[str, Checked]:
        """What a ledger says that still holds; `told` gives what an entry stands for."""
        known: dict[str, Checked] = {}
        rests = set[int]()
        for entry in since.good(last.entries):
            one = told(last, entry)
            if one is not None:
                known[entry.path] = one
                rests.update(entry.rests)
        # What a table was made from may be other files by now, though it came out the same.
        wanted = [last.rests[position].key for position in sorted(rests)]
        self._rests |= with_those_below(wanted, since.rest, self._rests)
        return known

    def rests(self, checked: Iterable[Checked], types: Inference) -> dict[Hashable, Rest]:
        """What findings made in this process rest on besides files, as far as that is not known yet."""
        # Nothing is known here without what it was made from.
        unknown = [what for one in checked for what in one.reads.rests if what not in self._rests]
        rest = self._recalled.rest if self._recalled is not None else partial(rest_of, types)
        found = with_those_below(unknown, rest, self._rests)
        self._rests |= found
        return found

    def learn(self, rests: Mapping[Hashable, Rest]) -> None:
        """Note what findings of another process rest on (its `rests`)."""
        self._rests |= rests

    @property
    def asked(self) -> Iterable[Hashable]:
        """What of the project findings rest on, besides files."""
        return self._rests.keys()

    def ledger(self, checked: Iterable[Checked], types: Inference, active: Iterable[str]) -> bytes:
        """What findings rest on, for a later run."""
        told = [(one.path, one.reads, encode_checked(one)) for one in checked]
        return encode(Maker(types, active, self._rests).make(told))


def _decoded(last: Ledger, entry: Entry) -> Checked | None:
    try:
        found = decode_checked(entry.path, entry.checked)
    except (ValueError, TypeError):
        return None
    found.reads = reads_of(last, entry)
    return found
