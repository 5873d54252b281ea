"""Findings that are known and need not be repaired today: a file of fingerprints that only shrinks by itself."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from .config import ConfigError
from .fingerprint import Identity, fingerprints
from .tool_rules import FIX_FAILED, SYNTAX_ERROR

FILE = ".trueup-baseline.json"
VERSION = 1
NEVER = (SYNTAX_ERROR.code, FIX_FAILED.code)
"""Rules whose findings mean that something was not checked: they are never taken for known."""

_MOST_TRIES = 200_000
"""So many pairs of finding and entry are compared, 0.3 s; beyond, what was moved to other files counts as new."""


class Entry(NamedTuple):
    """One known finding."""

    rule: str
    symbol: str
    hash: str


Entries: TypeAlias = Mapping[str, Sequence[Entry]]
"""Path below the project's root -> its known findings."""


class Match(NamedTuple):
    """Which findings are known."""

    known: list[bool]
    """For each finding, in the order they were given."""
    gone: list[tuple[str, Entry]]
    """Entries that were looked for and that no finding fits any more."""
    kept: list[tuple[str, Entry]]
    """Entries that this run cannot judge: of files or rules that it did not look at."""


def load(path: str) -> dict[str, list[Entry]]:
    """Read a baseline. Raises ConfigError."""
    try:
        with open(path, encoding="utf-8") as stream:
            told = json.load(stream)
    except FileNotFoundError:
        raise ConfigError(f"{path}: the baseline does not exist; `--update-baseline` makes it") from None
    except OSError as error:
        raise ConfigError(f"{path}: the baseline cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ConfigError(
            f"{path}: the baseline is not valid JSON: {error}; `--update-baseline` makes it anew"
        ) from None
    return _checked(told, path)


def _checked(told: Any, path: str) -> dict[str, list[Entry]]:
    version = told.get("version") if isinstance(told, dict) else None
    if version != VERSION:
        raise ConfigError(f"{path}: the baseline is of version {version!r}, and this trueup reads version {VERSION}")
    try:
        return {
            file: [Entry(str(row["rule"]), str(row["symbol"]), str(row["hash"])) for row in rows]
            for file, rows in told["files"].items()
        }
    except (KeyError, TypeError, AttributeError):
        raise ConfigError(f"{path}: this is no baseline; `--update-baseline` makes it anew") from None


def with_renamed(entries: Entries, before: Mapping[str, str]) -> Entries:
    """The entries under the codes that their rules have now; `before`: old code -> new code.

    Their hashes are of the old codes, so that such an entry fits any finding of its rule in its function.
    """
    if not before:
        return entries
    return {path: [one._replace(rule=before.get(one.rule, one.rule)) for one in some] for path, some in entries.items()}


def dump(entries: Entries) -> str:
    """A baseline as text: sorted, one entry a line, so that two people's changes meet rarely and merge well."""
    if not any(entries.values()):
        return f'{{\n  "version": {VERSION},\n  "files": {{}}\n}}\n'
    files = []
    for path in sorted(entries):
        rows = [
            f"      {json.dumps({'rule': one.rule, 'symbol': one.symbol, 'hash': one.hash})}"
            for one in sorted(entries[path])
        ]
        if rows:
            files.append(f"    {json.dumps(path)}: [\n" + ",\n".join(rows) + "\n    ]")
    return f'{{\n  "version": {VERSION},\n  "files": {{\n' + ",\n".join(files) + "\n  }\n}\n"


def write(path: str, entries: Entries) -> None:
    """Replace a baseline in one step. Raises ConfigError."""
    temporary = f"{path}.{os.getpid()}.trueup-tmp"
    try:
        with open(temporary, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(dump(entries))
        os.replace(temporary, path)
    except OSError as error:
        raise ConfigError(f"{path}: the baseline cannot be written: {error.strerror}") from None


def entries_of(items: Sequence[Identity]) -> list[tuple[str, Entry]]:
    """The entries that findings would have."""
    return [
        (item.path, Entry(item.code, item.symbol, print_))
        for item, print_ in zip(items, fingerprints(items), strict=True)
        if item.code not in NEVER
    ]


def by_path(entries: Iterable[tuple[str, Entry]]) -> dict[str, list[Entry]]:
    """Entries sorted into their files."""
    found: dict[str, list[Entry]] = {}
    for path, entry in entries:
        found.setdefault(path, []).append(entry)
    return found


def match(
    entries: Entries,
    items: Sequence[Identity],
    judged: Callable[[str, str], bool] = lambda path, rule: True,
    exists: Callable[[str], bool] = lambda path: True,
) -> Match:
    """Tell known findings from new ones; each entry stands for one finding.

    A finding is known by its fingerprint; else, in its file, as one more of its rule and symbol (its text was
    changed), or by its text in another symbol (that was renamed, or the code was moved); else by its text in another
    file, in a symbol of the same name; outside of any only if its file is gone.

    Args:
        entries: the baseline.
        items: what was found, in the order of the source.
        judged: (path, rule) -> whether this run would have found such a finding.
        exists: whether a file of the baseline is still part of the project.
    """
    known = [False] * len(items)
    open_items = [n for n, item in enumerate(items) if item.code not in NEVER]
    left: dict[tuple[str, Entry], int] = {}
    kept: list[tuple[str, Entry]] = []
    for path, some in entries.items():
        for entry in some:
            if judged(path, entry.rule):
                left[path, entry] = left.get((path, entry), 0) + 1
            else:
                kept.append((path, entry))
    prints = fingerprints(items)

    def take(number: int, key: tuple[str, Entry]) -> None:
        known[number] = True
        left[key] -= 1
        if not left[key]:
            del left[key]

    for number in open_items:
        item = items[number]
        key = (item.path, Entry(item.code, item.symbol, prints[number]))
        if key in left:
            take(number, key)
    rounds = ((_same_symbol, 3), (_same_text, 2), (_moved(exists), 1))
    own = _numbers(items)
    for test, size in rounds:
        unmatched = [(n, (items[n].code, items[n].path, items[n].symbol)[:size]) for n in open_items if not known[n]]
        candidates: dict[tuple[str, ...], list[tuple[str, Entry]]] = {}
        for path, entry in left:
            candidates.setdefault((entry.rule, path, entry.symbol)[:size], []).append((path, entry))
        if sum(len(candidates.get(where, ())) for _, where in unmatched) > _MOST_TRIES:
            continue
        for number, where in unmatched:
            fitting = (
                one for one in candidates.get(where, ()) if one in left and test(items[number], own[number], *one)
            )
            found = next(fitting, None)
            if found is not None:
                take(number, found)
    gone = [key for key, count in left.items() for _ in range(count)]
    return Match(known, gone, kept)


def _same_symbol(item: Identity, number: int, path: str, entry: Entry) -> bool:
    return item.path == path and item.symbol == entry.symbol and item.code == entry.rule


def _same_text(item: Identity, number: int, path: str, entry: Entry) -> bool:
    return item.path == path and _has_hash(item, number, path, entry)


def _moved(exists: Callable[[str], bool]) -> Callable[[Identity, int, str, Entry], bool]:
    def test(item: Identity, number: int, path: str, entry: Entry) -> bool:
        if item.path == path or item.symbol != entry.symbol or (not item.symbol and exists(path)):
            return False
        return _has_hash(item, number, path, entry)

    return test


_EQUALS = 8
"""So many equal findings of one symbol are told apart where only some of them were moved."""


def _has_hash(item: Identity, number: int, path: str, entry: Entry) -> bool:
    """Whether a finding would have had an entry's hash in the place of that entry; `number`: its own among equals."""
    there = item._replace(path=path, symbol=entry.symbol)
    return any(there.fingerprint(one) == entry.hash for one in (number, *range(_EQUALS)))


def _numbers(items: Sequence[Identity]) -> list[int]:
    """The number of each among its equals."""
    seen: dict[Identity, int] = {}
    result = []
    for item in items:
        result.append(seen.get(item, 0))
        seen[item] = result[-1] + 1
    return result
