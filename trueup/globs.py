"""Which paths a configuration's glob patterns mean."""

from __future__ import annotations

import os
import re
from functools import cached_property


def absolute(path: str, folder: str = "") -> str:
    """A path, relative to a folder, as they are compared here: absolute, without `.` and `..`, with `/`; links stay."""
    whole = os.path.abspath(os.path.join(folder, path))
    return whole if os.sep == "/" else whole.replace(os.sep, "/")


class Globs:
    """Patterns, and the absolute folder they are relative to.

    A pattern without `/` means any file or folder of that name, however deep; one with `/` is a path. Whoever
    names a folder means all below it. `*` and `?` match `/` too in a path (as in ruff and flake8: `tests/*` is
    the whole of tests), `**/` also no folder at all; `[abc]`, `[!abc]` and `{a,b}` as in a shell.
    """

    def __init__(self, folder: str, patterns: tuple[str, ...]) -> None:
        """Take them; nothing is compiled before it is needed."""
        self.folder = folder
        self.patterns = patterns

    def __repr__(self) -> str:
        return f"Globs({self.folder!r}, {self.patterns!r})"

    def match(self, path: str, name: str) -> bool:
        """Whether a pattern means this very file or folder. `path`: absolute, with `/`; `name`: its last part."""
        names, pattern = self._compiled
        return name in names or (pattern is not None and pattern.fullmatch(path) is not None)

    def cover(self, path: str) -> bool:
        """Whether a pattern means this file or folder, or a folder above it. `path`: absolute, with `/`."""
        top = self.folder.rstrip("/") + "/"
        shortest = len(top) if path.startswith(top) else 1
        while len(path) > shortest:
            slash = path.rfind("/")
            if self.match(path, path[slash + 1 :]):
                return True
            path = path[:slash]
        return False

    @cached_property
    def _compiled(self) -> tuple[frozenset[str], re.Pattern[str] | None]:
        names = set()
        parts = []
        for written in self.patterns:
            pattern = written.rstrip("/")
            if not pattern:
                continue
            if "/" in pattern:
                parts.append(_regex(absolute(pattern, self.folder), "."))
            elif re.search(r"[*?\[{]", pattern):
                parts.append(f"(?:.*/)?{_regex(pattern, '[^/]')}")
            else:
                names.add(pattern)
        return frozenset(names), re.compile("|".join(parts), re.DOTALL) if parts else None


_PIECE = r"(?P<folders>\*\*/)|(?P<stars>\*+)|(?P<one>\?)|\[(?P<not>[!^]?)(?P<set>\]?[^\]]+)\]|(?P<brace>[{},])"


def _regex(pattern: str, one: str) -> str:
    """The regular expression of a glob; `one`: what a `?` matches."""
    out = []
    end = depth = 0
    for piece in re.finditer(_PIECE, pattern):
        out.append(re.escape(pattern[end : piece.start()]))
        end = piece.end()
        brace = piece["brace"]
        if piece["folders"]:
            out.append("(?:.*/)?")
        elif piece["stars"]:
            out.append(one + "*")
        elif piece["one"]:
            out.append(one)
        elif brace == "{" and "}" in pattern[end:]:
            out.append("(?:")
            depth += 1
        elif brace == "}" and depth:
            out.append(")")
            depth -= 1
        elif brace == "," and depth:
            out.append("|")
        elif brace:
            out.append(re.escape(brace))
        else:
            out.append(_set(piece["set"], negated=bool(piece["not"])))
    out.append(re.escape(pattern[end:]))
    return "".join(out) + ")" * depth


def _set(members: str, *, negated: bool) -> str:
    escaped = re.sub(r"([\\\[\]&~|^])", r"\\\1", members)
    found = f"[{'^' if negated else ''}{escaped}]"
    try:
        re.compile(found)
    except re.error:  # `[z-a]`
        return re.escape(f"[{'!' if negated else ''}{members}]")
    return found
