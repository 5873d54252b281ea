"""What a file is called when it is imported, and what else it may be called."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

_PROJECT_FILES = ("pyproject.toml", "setup.cfg")
"""A folder with one of them is the root of a distribution: its modules are named from it, or from its `src`. So is one
with a `setup.py`, but in a package that is a module like others."""

_START_FILES = ("requirements.txt", "Pipfile", "Dockerfile", "manage.py", "alembic.ini")
"""A folder with one of them is likely where programs are started, so it may be on `sys.path`."""


_TESTS = ("test", "tests", "testing", "conftest")


def is_of_tests(module: str) -> bool:
    """Whether a module is part of tests, by its name or that of a package around it."""
    return any(part in _TESTS or part.startswith("test_") for part in module.split("."))


def _is_standard(module: str) -> bool:
    """Whether the standard library has a module that is called so: that another one is meant would be a guess."""
    return module.partition(".")[0] in sys.stdlib_module_names


class ModuleNames:
    """The module names of a project's files.

    A name starts at the deepest of the configured `src` folders above the file, else at the nearest folder above
    it that is the project's root, holds a pyproject.toml, setup.py or setup.cfg, is called `src` and is itself
    no package, or has a name that no `import` can say. So a folder without `__init__.py` counts as a namespace
    package, and a script outside packages is called by its path. The aliases start where else `sys.path` may point:
    at the folder that holds the outermost regular package, at folders that programs are started in, and at roots
    further out.
    """

    def __init__(self, root: str, src: tuple[str, ...]) -> None:
        """Take the project's folder and the configured `src` folders; absolute, with `/`."""
        self._root = root
        self._src = src
        self._entries: dict[str, AbstractSet[str]] = {}
        self._prefixes: dict[str, tuple[str, ...]] = {}

    def met(self, folder: str, entries: AbstractSet[str]) -> None:
        """Say what is in a folder, to spare reading it again."""
        self._entries[folder] = entries

    def of(self, path: str) -> tuple[str, bool, tuple[str, ...]]:
        """The name, whether it is a package's, and the aliases of a file: an absolute path, with `/`."""
        folder, _, name = path.rpartition("/")
        prefixes = self._prefixes.get(folder)
        if prefixes is None:
            prefixes = self._prefixes[folder] = tuple(dict.fromkeys(self._find_prefixes(folder)))
        stem = name.removesuffix(".py").removesuffix(".pyi").replace(".", "_")
        if stem == "__init__":
            package = folder.rpartition("/")[2].replace(".", "_")
            module, *aliases = [prefix[:-1] or package for prefix in prefixes]
        else:
            module, *aliases = [prefix + stem for prefix in prefixes]
        return module, stem == "__init__", tuple([alias for alias in aliases if not _is_standard(alias)])

    def _find_prefixes(self, folder: str) -> Iterator[str]:
        """What stands before the names of a folder's files, `app.api.` say; the likeliest first."""
        for start in self._starts(folder):
            below = folder[len(start.rstrip("/")) + 1 :]
            yield below.replace(".", "_").replace("/", ".") + "." if below else ""

    def _starts(self, folder: str) -> Iterator[str]:
        above = list(self._upwards(folder))
        roots = sorted((src for src in self._src if src in above), key=len, reverse=True)
        roots += [one for one in above if self._is_root(one)]
        # Nothing is imported through a folder called `my-app`: what is below it starts there.
        inside = above[: above.index(roots[0])] if roots else above
        yield from [one for one in inside if not one.rpartition("/")[2].isidentifier()][:1]
        yield from roots
        outermost = next((one for one in above if "__init__.py" not in self._in(one)), folder)
        # Not `folder` itself: as `logging`, `app/logging.py` would be taken for the standard library's.
        if outermost != folder or not roots:
            yield outermost
        yield from (one for one in above if one != folder and not self._in(one).isdisjoint(_START_FILES))

    def _is_root(self, folder: str) -> bool:
        entries = self._in(folder)
        if folder == self._root or not entries.isdisjoint(_PROJECT_FILES):
            return True
        if "setup.py" in entries and "__init__.py" not in entries:
            return True
        if folder.endswith("/src"):
            return "__init__.py" not in entries and "__init__.py" not in self._in(os.path.dirname(folder))
        return False

    def _upwards(self, folder: str) -> Iterator[str]:
        """A folder and all above it, up to the project's root."""
        yield folder
        while folder != self._root and (above := os.path.dirname(folder)) != folder:
            yield above
            folder = above

    def _in(self, folder: str) -> AbstractSet[str]:
        found = self._entries.get(folder)
        if found is None:
            try:
                found = frozenset(os.listdir(folder))
            except OSError:  # not there (stdin may have any name), or may be entered and not listed
                found = frozenset()
            self._entries[folder] = found
        return found
