"""How a string looks on a terminal: what is escaped, how many cells it takes, what colour it gets."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from trueup.model import Severity

TAB = "    "
"""What a tab is shown as, wherever it stands."""

_ADDRESS = re.compile(r"https?://[!-~]+")
"""What may stand in the command that makes a link."""

_UNSAFE_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Invisible marks that reorder the text around them: source that holds them must not look like other source."""


def escape(text: str) -> str:
    """The text with every character that could move the cursor, change colours or reorder the line made visible.

    `\\x1b` becomes the four characters `\\x1b`, a tab becomes four blanks; everything else stays.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if character == "\t":
        return TAB
    if unicodedata.category(character) in _UNSAFE_CATEGORIES or character in _BIDI:
        return character.encode("unicode_escape").decode("ascii")
    return character


def cells(text: str) -> int:
    """How many columns of a terminal an escaped text fills: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


@dataclass(frozen=True, slots=True)
class Paint:
    """Puts colour around text that is already escaped, or leaves it alone."""

    on: bool
    links: bool = False
    """The terminal can make text lead somewhere."""

    def __call__(self, text: str, *codes: int) -> str:
        """The text between the SGR codes (1 bold, 31 red, ...) and a reset."""
        if not self.on or not text:
            return text
        return f"\x1b[{';'.join(map(str, codes))}m{text}\x1b[0m"

    def link(self, text: str, url: str) -> str:
        """The text, leading to an address where the terminal can do that."""
        if not self.links or not _ADDRESS.fullmatch(url):
            return text
        return f"\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\"

    def bold(self, text: str) -> str:
        """What the eye should find first."""
        return self(text, 1)

    def frame(self, text: str) -> str:
        """The lines around the source: arrows and gutters."""
        return self(text, 1, 34)

    def fix(self, text: str) -> str:
        """What a machine can do."""
        return self(text, 36)

    def severity(self, text: str, severity: Severity) -> str:
        """A code or an underline in the colour of how bad it is."""
        return self(text, 1, {Severity.ERROR: 31, Severity.WARNING: 33, Severity.ADVICE: 36}[severity])
