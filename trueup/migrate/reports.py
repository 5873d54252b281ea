"""Which kinds of report there are, and how they are put on disk."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

KINDS = (".html", ".md", ".json")


class WrongReport(Exception):
    """A report cannot be written where it is wanted; the message says why."""


def ensure_writable(paths: Iterable[str]) -> None:
    """Return if reports can be written to some paths; raise WrongReport if not, before a long run."""
    for path in paths:
        if not path.endswith(KINDS):
            raise WrongReport(f"--report {path}: how the name ends says of which kind: {', '.join(KINDS)}")
        folder = os.path.dirname(path) or "."
        if not os.path.isdir(folder):
            raise WrongReport(f"--report {path}: there is no folder {folder}")
        if os.path.isdir(path) or not os.access(path if os.path.exists(path) else folder, os.W_OK):
            raise WrongReport(f"--report {path}: cannot be written")


def text_of(path: str, known: Mapping[str, Any]) -> str:
    """The report that belongs into a file, by how its name ends."""
    if path.endswith(".html"):
        from .html_report import html

        return html(known)
    if path.endswith(".md"):
        from .markdown_report import markdown

        return markdown(known)
    import json

    return json.dumps(known, indent=1) + "\n"


def write(path: str, text: str) -> str:
    """Put a report on disk, whole or not at all; why not, empty if it is there."""
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        try:
            with open(temporary, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            os.replace(temporary, path)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(temporary)
    except OSError as error:
        return error.strerror or str(error)
    return ""
