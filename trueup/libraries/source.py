"""The facts of library modules: from the stubs trueup ships, else from the source in the project's environment."""

from __future__ import annotations

import ast
import os
from collections.abc import Sequence
from pathlib import Path

from ..index.extract import extract
from ..index.facts import FileFacts

STUBS = Path(__file__).with_name("stubs")
MAX_BYTES = 2_000_000
"""Library modules beyond this are data; reading them would cost more than they tell."""


class LibrarySource:
    """Finds a library module's source by its dotted name and reads it once.

    `search` are folders like `site-packages`, asked in order after the stubs. Nothing is imported or run.
    """

    def __init__(self, search: Sequence[Path] = ()) -> None:
        self.search = tuple(str(p) for p in search)

    def __call__(self, module: str) -> FileFacts | None:
        """The facts of a module; None where no source is found or it does not parse."""
        if "#" in module or not module:
            return None
        relative = module.replace(".", os.sep)
        for root, suffix in [(str(STUBS), ".pyi"), *((r, s) for r in self.search for s in (".pyi", ".py"))]:
            for name, is_package in ((f"{relative}{suffix}", False), (f"{relative}{os.sep}__init__{suffix}", True)):
                facts = _read(os.path.join(root, name), module, is_package)
                if facts is not None:
                    return facts
        return None


def _read(path: str, module: str, is_package: bool) -> FileFacts | None:
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError:
        return None
    if len(data) > MAX_BYTES:
        return None
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return extract(path, module, is_package, "", tree)
