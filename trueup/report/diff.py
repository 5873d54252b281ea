"""Changes as a unified diff that `git apply` and `patch -p1` take."""

from __future__ import annotations

import re
from difflib import unified_diff

_QUOTED = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def unified(
    path: str, old: str, new: str, *, encoding: str = "utf-8", bom: bool = False, is_new: bool = False
) -> bytes:
    """The diff of one file in the bytes of that file, empty when nothing changed.

    Args:
        path: as the reader of the diff will see it from the folder it is applied in, with `/`.
        old: the whole text before; line ends count, a carriage return is part of its line as it is for git.
        new: the whole text after.
        encoding: a codec's name, of the file; the header is always UTF-8.
        bom: whether the file begins with a UTF-8 BOM, which the texts do not hold.
        is_new: there is no such file yet.
    """
    if old == new:
        return b""
    mark = "\ufeff" if bom else ""
    lines = list(unified_diff(_lines(mark + old), _lines(mark + new), lineterm="\n"))
    head = f"--- {'/dev/null' if is_new else _name('a/' + path)}\n+++ {_name('b/' + path)}\n"
    body = [line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines[2:]]
    return head.encode("utf-8", "surrogateescape") + "".join(body).encode(encoding, "backslashreplace")


def _lines(text: str) -> list[str]:
    """Only a line feed ends a line in a patch: `splitlines` would also cut at form feeds and lone returns."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _name(path: str) -> str:
    """A file name as git writes it in a header: quoted if it must be, ended by a tab if it holds a blank."""
    if re.search(r'[\x00-\x1f\x7f"\\]', path):
        quoted = "".join(_QUOTED.get(c) or (c if c.isprintable() else f"\\{ord(c):03o}") for c in path)
        return f'"{quoted}"'
    return path + "\t" if " " in path else path
