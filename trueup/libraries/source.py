"""The facts of library modules: from the stubs trueup ships, else from the source in the project's environment."""

from __future__ import annotations

import ast
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from ..index.build import decode, encode
from ..index.cache import Cache
from ..index.extract import extract
from ..index.facts import FileFacts
from .compiled import STUBS, any_compiled, compiled, is_compiled

MAX_BYTES = 2_000_000
"""Library modules beyond this are data; reading them would cost more than they tell."""


class LibrarySource:
    """Finds a library module's source by its dotted name and reads it once. Nothing is imported or run."""

    def __init__(self, search: Sequence[Path] = (), cache: Cache | None = None, stubs: Cache | None = None) -> None:
        """`search`: folders like `site-packages`, asked in order after the stubs.

        `cache` is for modules found there, `stubs` for the stubs, which are the same in all projects.
        """
        self._search = [(str(path), suffix) for path in search for suffix in (".pyi", ".py")]
        self._caches = {False: cache or Cache(None), True: stubs or cache or Cache(None)}
        """By whether it is for stubs."""
        self._known: dict[str, FileFacts | None] = {}
        self._new: dict[bool, list[tuple[str, os.stat_result, str, str, bytes | None]]] = {False: [], True: []}

    def __call__(self, module: str) -> FileFacts | None:
        """The facts of a module; None where no source is found or it does not parse."""
        if module not in self._known:
            self._known[module] = self._find(module)
        return self._known[module]

    @cached_property
    def _roots(self) -> list[tuple[str, str]]:
        """Folders to look in, and how files end there; first the stubs', unless these are known already."""
        return self._search if any_compiled() else [(str(STUBS), ".pyi"), *self._search]

    def _find(self, module: str) -> FileFacts | None:
        if "#" in module or not module:
            return None
        if (known := compiled(module)) is not None:
            return known
        for root, suffix in self._roots:
            for path, is_package in _places(root, module, suffix):
                facts = self._facts(path, module, is_package)
                if facts is not None:
                    return facts
        return None

    def has_stub(self, module: str) -> bool:
        """Whether trueup ships a stub of a module."""
        known = is_compiled(module)
        return (
            known if known is not None else any(os.path.isfile(path) for path, _ in _places(str(STUBS), module, ".pyi"))
        )

    def keep(self) -> None:
        """Put what was read into the cache."""
        for is_stub, rows in self._new.items():
            self._caches[is_stub].put_files(rows)
        self._new = {False: [], True: []}

    def forget_cache(self) -> None:
        """Leave the cache alone from now on: its connection belongs to another process."""
        self._caches, self._new = {False: Cache(None), True: Cache(None)}, {False: [], True: []}

    def _facts(self, path: str, module: str, is_package: bool) -> FileFacts | None:
        try:
            status = os.stat(path)
        except OSError:
            return None
        if status.st_size > MAX_BYTES:
            return None
        is_stub = path.startswith(str(STUBS))
        cache = self._caches[is_stub]
        entry = cache.library(path)
        if entry is not None and entry[:3] == (status.st_size, status.st_mtime_ns, module):
            known = decode(entry[3])
            if known is not None:
                return known
        facts = _read(path, module, is_package)
        if facts is not None and cache.works:
            self._new[is_stub].append((path, status, "", module, encode(facts)))
        return facts


def _places(root: str, module: str, suffix: str) -> tuple[tuple[str, bool], tuple[str, bool]]:
    relative = os.path.join(root, module.replace(".", os.sep))
    return (relative + suffix, False), (os.path.join(relative, f"__init__{suffix}"), True)


def _read(path: str, module: str, is_package: bool) -> FileFacts | None:
    try:
        with open(path, "rb") as file:
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return extract(path, module, is_package, "", tree)
