"""What git ignores: as it says in its repositories, by .gitignore files elsewhere; and what .ignore files name."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

# What to look at below a folder is a Filter. All paths are absolute, with `/`.


class Everything:
    """Ignores nothing."""

    def within(self, folder: str, has_gitignore: bool) -> Everything:
        """The filter for what is directly in a folder below."""
        return self

    def keeps_file(self, path: str) -> bool:
        """Whether a file is to be taken."""
        return True

    def keeps_folder(self, path: str) -> bool:
        """Whether a folder is to be entered."""
        return True


class Listed(NamedTuple):
    """Keeps what git listed."""

    files: frozenset[str]
    folders: frozenset[str]
    unreadable: tuple[tuple[str, str], ...]
    """Folders git could not look into, and why."""

    def within(self, folder: str, has_gitignore: bool) -> Listed:
        """Itself: git has read all .gitignore files."""
        return self

    def keeps_file(self, path: str) -> bool:
        """Whether it is tracked, or untracked and not ignored."""
        return path in self.files

    def keeps_folder(self, path: str) -> bool:
        """Whether such a file is below it."""
        return path in self.folders


class Patterns(NamedTuple):
    """Keeps what the .gitignore files of a folder and of those above it do not match, the innermost deciding."""

    specs: tuple[tuple[str, GitIgnoreSpec], ...]
    """Folder and patterns, from the inside out."""
    name: str = ".gitignore"
    """What these files are called."""

    def within(self, folder: str, has_gitignore: bool) -> Patterns:
        """These patterns and those of the folder's own file."""
        if not has_gitignore:
            return self
        return self._replace(specs=((folder, _read(f"{folder}/{self.name}")), *self.specs))

    def keeps_file(self, path: str) -> bool:
        """Whether no pattern ignores it."""
        for folder, spec in self.specs:
            verdict = spec.check_file(path[len(folder) + 1 :]).include
            if verdict is not None:
                return not verdict
        return True

    def keeps_folder(self, path: str) -> bool:
        """Whether no pattern ignores it."""
        return self.keeps_file(path + "/")


Filter: TypeAlias = Everything | Listed | Patterns


def filter_for(folder: str, root: str, suffixes: Iterable[str], *, even_if_ignored: bool) -> Filter:
    """The filter for a folder that is to be looked through.

    Args:
        folder: absolute, with `/`.
        root: the project's folder: outside repositories, .gitignore files from there down count.
        suffixes: the endings of the files that matter.
        even_if_ignored: a folder that is itself ignored is looked through, all of it.
    """
    above = [folder, *_above(folder)]
    if any(os.path.lexists(f"{one}/.git") for one in above):
        listed = _ask_git(folder, suffixes)
        if listed is not None:
            if even_if_ignored and not listed.files and _git(folder, "check-ignore", "-q", "--", folder)[0] == 0:
                return Everything()
            return listed
    return _patterns_for(above, root, Patterns(()), even_if_ignored=even_if_ignored)


IGNORE = ".ignore"
"""Files like .gitignore that git does not know, and searching tools do; they also hide what is tracked."""


def ignore_filter_for(folder: str, root: str, *, even_if_ignored: bool) -> Everything | Patterns:
    """What the .ignore files above a folder leave of it; arguments as for `filter_for`."""
    return _patterns_for([folder, *_above(folder)], root, Patterns((), IGNORE), even_if_ignored=even_if_ignored)


def _patterns_for(above: list[str], root: str, outer: Patterns, *, even_if_ignored: bool) -> Everything | Patterns:
    for one in reversed(above[1 : above.index(root) + 1] if root in above else []):
        outer = outer.within(one, os.path.isfile(f"{one}/{outer.name}"))
    return Everything() if even_if_ignored and not outer.keeps_folder(above[0]) else outer


def _ask_git(folder: str, suffixes: Iterable[str]) -> Listed | None:
    """What git lists in a folder; None where there is no git, or it refuses (a repository of another user, say)."""
    patterns = [f"*{suffix}" for suffix in suffixes]
    code, output, errors = _git(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns)
    if code != 0:
        return None
    top = folder.rstrip("/") + "/"
    files = frozenset(top + name for name in os.fsdecode(output).split("\0") if name)
    folders: set[str] = set()
    for path in files:
        while (path := path[: path.rfind("/")]) not in folders and len(path) >= len(top):
            folders.add(path)
    unreadable = re.findall(r"could not open directory '(.*?)/?': (.*)", os.fsdecode(errors))
    return Listed(files, frozenset(folders), tuple(unreadable))


def _git(folder: str, *arguments: str) -> tuple[int, bytes, bytes]:
    """Exit code, stdout and stderr of a git command in a folder."""
    # No fsmonitor: it is a program that the repository's own configuration names.
    command = ["git", "-C", folder, "-c", "core.fsmonitor=false", *arguments]
    # A hook's GIT_DIR would answer for another repository; LC_ALL, because messages are read.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | {"LC_ALL": "C"}
    try:
        done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL, env=environment)
    except OSError:  # not installed
        return 127, b"", b""
    return done.returncode, done.stdout, done.stderr


def _read(path: str) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec  # 60 ms, so only where a .gitignore stands outside repositories, or an .ignore

    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as stream:
            lines = stream.read().splitlines()
    except OSError:
        lines = []
    try:
        return GitIgnoreSpec.from_lines(lines)
    except (ValueError, re.error):  # git passes over a pattern it does not understand
        return GitIgnoreSpec.from_lines(line for line in lines if _is_pattern(line))


def _is_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except (ValueError, re.error):
        return False
    return True


def _above(folder: str) -> Iterator[str]:
    while (above := os.path.dirname(folder)) != folder:
        yield above
        folder = above
