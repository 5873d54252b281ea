"""Which names of a file other files of the project take from it: their imports must stay."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .index.facts import FileFacts


class Exports:
    """What every file of a project takes from the others; worked out when first asked, anew for what was changed."""

    def __init__(self, text: Callable[[str], str]) -> None:
        self._text = text
        self._taken: dict[str, set[tuple[str, str]]] = {}
        """Path -> (module, name) of what it takes from others."""
        self._names: dict[str, set[str]] | None = None
        """Module -> the names that are taken from it."""

    def forget(self, path: str) -> None:
        """The text of a file has changed."""
        self._taken.pop(path, None)
        self._names = None

    def of(self, facts: FileFacts, files: Mapping[str, FileFacts]) -> set[str]:
        """The names of a file that other files may take from it."""
        own: Collection[str] = (
            {name for other in files.values() for name in _called(other.module)}
            if len(self._taken) < len(files)
            else ()
        )
        for path, other in files.items():
            if path not in self._taken:
                self._taken[path] = _taken(other, own, self._text)
        if self._names is None:
            self._names = {}
            for taken in self._taken.values():
                for module, name in taken:
                    self._names.setdefault(module, set()).add(name)
        names = {name for module in _called(facts.module) for name in self._names.get(module, ())}
        return names | {one.name for one in facts.scope.imports} if "*" in names else names


def package_of(facts: FileFacts) -> str:
    """The dotted name that a single leading dot stands for in a file."""
    return facts.module if facts.is_package else facts.module.rpartition(".")[0]


def _taken(facts: FileFacts, own: Collection[str], text: Callable[[str], str]) -> set[tuple[str, str]]:
    """(module, name) of all a file takes from own modules, by import or as attributes; `*` for all names of one."""
    taken: set[tuple[str, str]] = set()
    for scope in facts.scopes:
        taken.update((star, "*") for star in scope.stars)
        for one in scope.imports:
            taken.add((one.module, one.attr))
            whole = f"{one.module}.{one.attr}" if one.attr else one.full or one.module
            if whole in own:
                local = (one.full or one.name).rpartition(".")[2]
                taken.update((whole, name) for name in _read_of(local, text(facts.path)))
    return taken


_ATTRIBUTE = re.compile(r"\s*\.\s*(\w+)")


def _read_of(name: str, text: str) -> Iterator[str]:
    """What stands behind a name and a dot in a text; a pattern for each name would have to be compiled."""
    start = text.find(name)
    while start >= 0:
        found = _ATTRIBUTE.match(text, start + len(name))
        if found and not (start and (text[start - 1].isalnum() or text[start - 1] == "_")):
            yield found[1]
        start = text.find(name, start + 1)


def _called(module: str) -> list[str]:
    """The names a module may go by: a file below `src` goes by several."""
    parts = module.split(".")
    return [".".join(parts[index:]) for index in range(len(parts))]
