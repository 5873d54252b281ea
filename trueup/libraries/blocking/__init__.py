"""Which calls stop the event loop, how badly, and what to call instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cache
from typing import TypeAlias

from msgspec import Struct

from .table import DATABASE_BRIDGES, HARMLESS, HOMES, OFFLOAD, OFFLOADERS, ROWS, VERSION

__all__ = [
    "DATABASE_BRIDGES",
    "OFFLOADERS",
    "VERSION",
    "Blocking",
    "BlockingTable",
    "Level",
    "blocking_call",
    "built_in",
    "extend",
]


class Level(StrEnum):
    """How long a call keeps the loop."""

    HIGH = "H"
    """Network, database, process, sleep, or more than 10 ms of computing: bad wherever it is reached from."""
    MEDIUM = "M"
    """Reads or writes of the disk without a bound: worth a word where it stands in async code itself."""
    LOW = "L"
    """Microseconds: moving it to a thread costs more than it saves."""


class Blocking(Struct, frozen=True):
    """What is known of a blocking call: the `entry` of the table it matched, and a word on what to use instead."""

    entry: str
    level: Level
    family: str
    instead: str


Entries: TypeAlias = Mapping[str, Blocking | None]
"""By name; None is a name that does not block, whatever is said of what stands above it."""


class BlockingTable(Struct, frozen=True):
    """What single names do (`exact`), and what everything below a name does (`within`, without its `.*`)."""

    exact: Entries
    within: Entries

    def call(self, qualname: str) -> Blocking | None:
        """What is known of a call of a canonical qualified name; None where it does not block.

        The path of something foreign may be passed as it is: `minio.Minio().get_object` is
        `minio.Minio.get_object`.
        """
        return next(self._entries(qualname), None)

    def method(self, classes: Iterable[str], name: str) -> Blocking | None:
        """What is known of calling a method of an object, given its class and those it inherits from, nearest first.

        Needed where the method has no definition to be found: those of a boto3 client are made while it runs.
        """
        return next((entry for cls in classes for entry in self._entries(f"{cls}.{name}")), None)

    def _entries(self, qualname: str) -> Iterator[Blocking | None]:
        """What the table says of a name, the most particular first."""
        name = qualname.replace("()", "")
        if name in self.exact:
            yield self.exact[name]
        while name := name.rpartition(".")[0]:
            if name in self.within:
                yield self.within[name]

    def extend(self, blocking: Iterable[str], harmless: Iterable[str] = ()) -> BlockingTable:
        """A new table with the lines of a project's configuration.

        `blocking`: `pkg.mod.function -> what to call instead`, where the arrow and what follows may be missing and
        `.*` at the end means everything below; all at level H. `harmless`: names that do not block after all, with
        `.*` too. Raises ValueError, naming the line, where a line is neither.
        """
        exact, within = dict(self.exact), dict(self.within)
        for line in blocking:
            pattern, arrow, instead = (part.strip() for part in line.partition("->"))
            name = _checked(pattern, line)
            if arrow and not instead:
                raise ValueError(f"`{line}` has an arrow but does not say what to call instead")
            entry = Blocking(pattern, Level.HIGH, "configured", instead or OFFLOAD)
            (within if pattern.endswith(".*") else exact)[name] = entry
        for line in harmless:
            name = _checked(line.strip(), line)
            if not line.strip().endswith(".*"):
                exact[name] = None
                continue
            for entries in (exact, within):
                for known in [n for n in entries if n.startswith(name + ".")]:
                    entries[known] = None
            within[name] = None
        return BlockingTable(exact, within)


_NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)+(\.\*)?|[^\W\d]\w*\.\*")


def _checked(pattern: str, line: str) -> str:
    if not _NAME.fullmatch(pattern):
        raise ValueError(f"`{line}` is not a dotted name like `pkg.mod.function` or `pkg.Class.*`")
    return pattern.removesuffix(".*")


def _spellings(name: str) -> Iterator[str]:
    """A name, and the one it has where it is defined."""
    yield name
    head = name
    while head:
        if head in HOMES:
            yield HOMES[head] + name[len(head) :]
        head = head.rpartition(".")[0]


@cache
def built_in() -> BlockingTable:
    """What trueup knows without a project's configuration."""
    exact: dict[str, Blocking | None] = {}
    within: dict[str, Blocking | None] = {}
    for level, family, instead, names in ROWS:
        for prefix, below in names.items():
            for name in below.split():
                entry = Blocking(f"{prefix}.{name}", Level(level), family, instead)
                for spelling in _spellings(prefix if name == "*" else entry.entry):
                    (within if name == "*" else exact)[spelling] = entry
    for prefix, below in HARMLESS.items():
        for name in below.split():
            exact.update(dict.fromkeys(_spellings(f"{prefix}.{name}")))
    return BlockingTable(exact, within)


def blocking_call(qualname: str) -> Blocking | None:
    """What the built-in table knows of a call of a canonical qualified name; None where it does not block."""
    return built_in().call(qualname)


def extend(blocking: Iterable[str], harmless: Iterable[str] = ()) -> BlockingTable:
    """The built-in table with the lines of a project's configuration, as `BlockingTable.extend` reads them."""
    return built_in().extend(blocking, harmless)
