"""Which files there are to check below the paths the user named."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from typing import NamedTuple

from .config import Config, Configs
from .files import Kind, Problem, SourceFile
from .gitignore import IGNORE, Everything, Filter, Listed, filter_for, ignore_filter_for
from .globs import absolute
from .module_names import ModuleNames

SUFFIXES = (".py", ".pyi")


class Found(NamedTuple):
    """The files to check, sorted by path, each once; and what could not be looked at."""

    files: list[SourceFile]
    problems: list[Problem]


def discover(paths: Sequence[str], configs: Configs) -> Found:
    """The `*.py` and `*.pyi` files that are, or are below, the paths.

    A file that is named is taken whatever it is called and even if it is excluded or ignored by git, and a folder
    that is named is entered, unless `force-exclude` is set. Links to folders are followed only when named; of a
    file and links to it only the file is taken. A repository inside the repository (a submodule, a clone) is left
    alone unless a path leads into it.

    Args:
        paths: relative to `configs.cwd`; a missing one is a Problem.
        configs: the run's.

    Raises:
        ConfigError: a nested configuration file is bad.
    """
    walk = _Walk(configs)
    for path in paths:
        walk.start(path)
    return walk.found()


class Scope(NamedTuple):
    """What one run is about."""

    files: list[SourceFile]
    """To be checked."""
    around: list[SourceFile]
    """The project they belong to; holds them too, or is empty where there is nothing more to it."""
    problems: list[Problem]


def discover_with_project(paths: Sequence[str], configs: Configs) -> Scope:
    """`discover`, and the files around that tell what the project looks like. Raises ConfigError."""
    found = discover(paths, configs)
    folders = project_folders(configs, found.files)
    named = [absolute(path, configs.cwd) for path in paths]
    return Scope(found.files, discover(folders, configs).files if folders != named else [], found.problems)


def project_folders(configs: Configs, files: Sequence[SourceFile]) -> list[str]:
    """The folders whose files tell what the project looks like around some files of it.

    The project's folder, where something marks it as one. Else only those folders directly below it that hold the
    files: a home or a scratch folder is no project, and may hold anything.
    """
    root = configs.root.rstrip("/")
    inside = [f.absolute for f in files if f.absolute.startswith(root + "/")]
    if not inside:
        return []
    if os.path.lexists(f"{root}/.git") or os.path.isfile(f"{root}/pyproject.toml"):
        return [configs.root]
    heads = {path[len(root) + 1 :].partition("/")[0] for path in inside}
    return [f"{root}/{head}" for head in sorted(heads)]


def source_file(path: str, configs: Configs) -> SourceFile:
    """One file by its name, relative to `configs.cwd`; it need not exist: what stdin is said to be."""
    return _source_file(absolute(path, configs.cwd), configs.cwd, ModuleNames(configs.root, configs.src))


def _source_file(path: str, cwd: str, names: ModuleNames) -> SourceFile:
    module, is_package, aliases = names.of(path)
    aliases = tuple([_printable(alias) for alias in aliases])
    return SourceFile(_shown(path, cwd), path, _printable(module), is_package, aliases)


def _shown(path: str, cwd: str) -> str:
    return _printable(path.removeprefix(cwd.rstrip("/") + "/"))


def _printable(name: str) -> str:
    """A name that is not UTF-8 holds lone surrogates, which nothing can print or keep."""
    return name if name.isascii() else name.encode("utf-8", "backslashreplace").decode()


def _reason(path: str, error: OSError) -> str:
    """Why a path that the user or a folder names leads nowhere."""
    words = (error.strerror or str(error)).lower()
    if os.path.islink(path):
        return f"is a broken link to `{os.readlink(path)}`: {words}"
    return "does not exist" if isinstance(error, FileNotFoundError) else f"cannot be read: {words}"


class _Walk:
    """One search: what was found so far."""

    def __init__(self, configs: Configs) -> None:
        self.configs = configs
        self.names = ModuleNames(configs.root, configs.src)
        self.files: dict[str, None] = {}
        self.links: dict[str, None] = {}
        self.entered: set[tuple[int, int]] = set()
        self.problems: dict[Problem, None] = {}

    def found(self) -> Found:
        """All of it, in order."""
        taken = {self._identity(path) for path in self.files} if self.links else set()
        for link in sorted(self.links):
            identity = self._identity(link)
            if identity not in taken:
                taken.add(identity)
                self.files[link] = None
        files = [_source_file(path, self.configs.cwd, self.names) for path in self.files]
        return Found(sorted(files), sorted(self.problems))

    def start(self, named: str) -> None:
        """Take what the user named."""
        if "\0" in named:
            self._problem(named.replace("\0", "\\0"), "is no path: it holds a null byte")
            return
        path = absolute(named, self.configs.cwd)
        try:
            mode = os.stat(path).st_mode
        except OSError as error:
            self._problem(path, _reason(path, error))
            return
        config = self.configs.for_folder(path if stat.S_ISDIR(mode) else os.path.dirname(path))
        if config.force_exclude and config.excludes_all_of(path):
            return
        if stat.S_ISDIR(mode):
            self._descend(path, self._filter(path, config), self._ignored(path, config))
        elif not stat.S_ISREG(mode):
            self._problem(path, "is neither a file nor a folder; use `-` to check what stdin brings")
        elif os.path.islink(path):
            self.links[path] = None
        else:
            self.files[path] = None

    def _filter(self, folder: str, config: Config) -> Filter:
        if not config.respect_gitignore:
            return Everything()
        kept = filter_for(folder, self.configs.root, SUFFIXES, even_if_ignored=not config.force_exclude)
        if isinstance(kept, Listed):
            for path, why in kept.unreadable:
                self._problem(absolute(path, folder), f"cannot be read: {why.lower()}")
        return kept

    def _ignored(self, folder: str, config: Config) -> Filter:
        if not config.respect_gitignore:
            return Everything()
        return ignore_filter_for(folder, self.configs.root, even_if_ignored=not config.force_exclude)

    def _descend(self, top: str, kept: Filter, left: Filter) -> None:
        """`kept`: what git leaves; `left`: what .ignore files leave of that."""
        waiting = [(top, kept, left)]
        while waiting:
            folder, kept, left = waiting.pop()
            try:
                identity = self._identity(folder)
                if identity in self.entered:
                    continue
                self.entered.add(identity)
                with os.scandir(folder) as stream:
                    entries = list(stream)
            except FileNotFoundError:
                continue  # it went away while we looked
            except OSError as error:
                self._problem(folder, _reason(folder, error))
                continue
            names = {entry.name for entry in entries}
            self.names.met(folder, names)
            inner, spared = kept.within(folder, ".gitignore" in names), left.within(folder, IGNORE in names)
            config = self.configs.for_folder(folder)
            prefix = folder.rstrip("/") + "/"
            for entry in entries:
                path = prefix + entry.name
                is_folder = entry.is_dir(follow_symlinks=False)
                if not is_folder and not entry.name.endswith(SUFFIXES):
                    continue
                if config.excludes(path, entry.name):
                    continue
                if is_folder:
                    if inner.keeps_folder(path) and spared.keeps_folder(path):
                        waiting.append((path, inner, spared))
                elif inner.keeps_file(path) and spared.keeps_file(path):
                    self._meet(path, entry)

    def _meet(self, path: str, entry: os.DirEntry[str]) -> None:
        """Take a file that a folder holds; leave a link to a folder, a socket and the like."""
        if not entry.is_symlink():
            if entry.is_file():
                self.files[path] = None
            return
        try:
            mode = os.stat(path).st_mode
        except OSError as error:
            if not entry.name.startswith(".#"):  # how Emacs marks a file that is being edited
                self._problem(path, _reason(path, error))
            return
        if stat.S_ISREG(mode):
            self.links[path] = None

    def _identity(self, path: str) -> tuple[int, int]:
        status = os.stat(path)
        return status.st_dev, status.st_ino

    def _problem(self, path: str, message: str) -> None:
        self.problems[Problem(_shown(path, self.configs.cwd), message, Kind.OPERATION)] = None
