"""Where an expression is read: that decides what its names mean."""

from __future__ import annotations

from msgspec import Struct

from ..index.facts import Class, FileFacts, Function

END = 1 << 30


class Site(Struct, frozen=True):
    """A place in a file: its innermost function or class body, block and position.

    `klass` is set where the place is directly in a class body (`function` is then the function around that
    class, if any).
    """

    file: FileFacts
    function: Function | None = None
    klass: Class | None = None
    block: int = 0
    line: int = END
    column: int = END
