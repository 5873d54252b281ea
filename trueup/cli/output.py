"""In which formats findings are written, and to where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

STDOUT = "-"


class Format(StrEnum):
    """How findings are written; `text` is `full` on a terminal and `concise` elsewhere."""

    TEXT = "text"
    FULL = "full"
    CONCISE = "concise"
    GROUPED = "grouped"
    PYLINT = "pylint"
    JSON = "json"
    JSONL = "jsonl"
    JSON_LINES = "json-lines"
    SARIF = "sarif"
    GITHUB = "github"
    GITLAB = "gitlab"
    JUNIT = "junit"
    MARKDOWN = "markdown"
    RDJSON = "rdjson"
    AZURE = "azure"

    @property
    def shows_repairs(self) -> bool:
        """Whether it says what a repair would change."""
        return self in (Format.FULL, Format.JSON, Format.JSONL, Format.JSON_LINES, Format.SARIF, Format.RDJSON)

    @property
    def has_counts(self) -> bool:
        """Whether `--statistics` can be written so."""
        return self in (Format.FULL, Format.CONCISE, Format.GROUPED, Format.PYLINT, Format.JSON)

    @property
    def is_text(self) -> bool:
        """Whether it is lines of text, to be made harmless in a CI service's log."""
        return self in (Format.FULL, Format.CONCISE, Format.GROUPED, Format.PYLINT)


class Output(NamedTuple):
    """One document."""

    format: Format
    path: str
    """`-` for stdout."""


def outputs(asked: Format | None, files: Iterable[str], *, terminal: bool) -> Sequence[Output]:
    """What is written where.

    Args:
        asked: the value of `--output-format`; None where it was not given.
        files: the values of `--output-file`: `PATH`, or `FORMAT:PATH`.
        terminal: whether stdout is one.
    """
    result = []
    plain = False
    for value in files:
        name, colon, path = value.partition(":")
        known = colon and path and name in list(Format)
        if known:
            result.append(Output(_meant(Format(name), terminal and path == STDOUT), path))
        else:
            plain = True
            result.append(Output(_meant(asked or Format.TEXT, terminal and value == STDOUT), value))
    if not result or (asked is not None and not plain and all(one.path != STDOUT for one in result)):
        result.insert(0, Output(_meant(asked or Format.TEXT, terminal), STDOUT))
    return result


def _meant(one: Format, terminal: bool) -> Format:
    return (Format.FULL if terminal else Format.CONCISE) if one is Format.TEXT else one
