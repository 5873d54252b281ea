"""Where the strings of a TOML text stand: what an edit needs that keeps every other byte."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import NamedTuple

_BLANKS = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE = re.compile(r"[^\s,\]}#=]+")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")


class Literal(NamedTuple):
    """One string: `path` are the keys that lead to it (positions in arrays are numbers), the rest its place."""

    path: tuple[str | int, ...]
    value: str
    start: int
    end: int


class NotRead(Exception):
    """The text has something this reader does not know; it is left alone."""


def strings(text: str) -> list[Literal]:
    """All strings that are values, in order. Raises NotRead where the places found do not agree with `tomllib`."""
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise NotRead(f"is no TOML: {error}") from error
    found = list(_Reader(text).document())
    for one in found:
        value: object = parsed
        for key in one.path:
            try:
                value = value[key]  # type: ignore[index]
            except (KeyError, IndexError, TypeError) as error:
                raise NotRead("has tables that are not understood") from error
        if value != one.value:
            raise NotRead("has strings that are not understood")
    return found


class _Reader:
    """Walks through a text that `tomllib` has read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.counts: dict[tuple[str | int, ...], int] = {}
        """How many tables each array of tables has so far."""

    def document(self) -> Iterator[Literal]:
        table: tuple[str | int, ...] = ()
        while True:
            self._blanks()
            if self.at >= len(self.text):
                return
            if self.text[self.at] == "[":
                table = self._header()
            else:
                key = self._keys()
                self._expect("=")
                yield from self._value((*table, *key))

    def _header(self) -> tuple[str | int, ...]:
        array = self.text.startswith("[[", self.at)
        self.at += 2 if array else 1
        keys = self._keys()
        self._expect("]]" if array else "]")
        path: tuple[str | int, ...] = ()
        for index, key in enumerate(keys):
            path = (*path, key)
            if array and index == len(keys) - 1:
                self.counts[path] = self.counts.get(path, -1) + 1
            if path in self.counts:
                path = (*path, self.counts[path])
        return path

    def _keys(self) -> tuple[str, ...]:
        keys = []
        while True:
            self._blanks()
            match = _KEY.match(self.text, self.at)
            if match is None:
                raise NotRead("has a key that is not understood")
            self.at = match.end()
            word = match[0]
            keys.append(tomllib.loads(f"x = {word}")["x"] if word[0] in "\"'" else word)
            self._blanks()
            if not self.text.startswith(".", self.at):
                return tuple(keys)
            self.at += 1

    def _value(self, path: tuple[str | int, ...]) -> Iterator[Literal]:
        self._blanks()
        start = self.at
        if self.text.startswith(('"', "'"), start):
            end = self._string_end()
            self.at = end
            yield Literal(path, tomllib.loads(f"x = {self.text[start:end]}")["x"], start, end)
        elif self.text.startswith("[", start):
            self.at += 1
            index = 0
            while not self._closes("]"):
                yield from self._value((*path, index))
                index += 1
                self._comma()
        elif self.text.startswith("{", start):
            self.at += 1
            while not self._closes("}"):
                key = self._keys()
                self._expect("=")
                yield from self._value((*path, *key))
                self._comma()
        else:
            match = _BARE.match(self.text, start)
            if match is None:
                raise NotRead("has a value that is not understood")
            self.at = match.end()
            # A date may have a blank in the middle: `1979-05-27 07:32:00`.
            clock = re.compile(r" \d\d:\d\d[^\s,\]}#]*").match(self.text, self.at)
            self.at = clock.end() if clock else self.at

    def _string_end(self) -> int:
        text, start = self.text, self.at
        quote = text[start]
        if text.startswith(quote * 3, start):
            at = start + 3
            while not text.startswith(quote * 3, at):
                at += 2 if quote == '"' and text[at] == "\\" else 1
            while text.startswith(quote, at + 3):  # up to two quotes may stand right in front of the end
                at += 1
            return at + 3
        at = start + 1
        while text[at] != quote:
            at += 2 if quote == '"' and text[at] == "\\" else 1
        return at + 1

    def _blanks(self) -> None:
        match = _BLANKS.match(self.text, self.at)
        assert match is not None
        self.at = match.end()

    def _comma(self) -> None:
        self._blanks()
        if self.text.startswith(",", self.at):
            self.at += 1

    def _closes(self, bracket: str) -> bool:
        self._blanks()
        if self.text.startswith(bracket, self.at):
            self.at += 1
            return True
        return False

    def _expect(self, mark: str) -> None:
        self._blanks()
        if not self.text.startswith(mark, self.at):
            raise NotRead(f"lacks a `{mark}` where one was expected")
        self.at += len(mark)
