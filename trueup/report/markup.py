"""HTML put together from parts: what is not marked as HTML is text, and is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape as quoted
from typing import TypeAlias

from .screen import escape


class Raw(str):
    """Text that is HTML already."""

    __slots__ = ()


Child: TypeAlias = "str | Iterable[Child] | None"
"""A `Raw` stays as it is; any other string becomes text, on one line, with control characters made visible."""

_EMPTY = frozenset({"meta", "input", "br", "rect", "col"})


def text(words: str) -> Raw:
    """Words as HTML."""
    return words if isinstance(words, Raw) else Raw(quoted(escape(words), quote=True))


def tag(name: str, /, *children: Child, **attributes: str | int | bool | None) -> Raw:
    """An element. Attributes: `class_` is `class`, `data_step` is `data-step`; None and False are left out."""
    parts = [f"<{name}"]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        shown = key.rstrip("_").replace("_", "-")
        parts.append(f" {shown}" if value is True else f' {shown}="{text(str(value))}"')
    # In SVG an element ends where it says so.
    parts += ["/>"] if name in _EMPTY else [">", join(children), f"</{name}>"]
    return Raw("".join(parts))


def join(children: Iterable[Child], between: str = "") -> Raw:
    """Several parts, one behind the other."""
    parts: list[str] = []
    for child in children:
        if isinstance(child, str):
            parts.append(text(child))
        elif child is not None:
            parts.append(join(child))
    return Raw(between.join(parts))


def link(url: str, words: str) -> Raw:
    """A link, if the address is one of the web; else only the words."""
    if not url.startswith(("https://", "http://")):
        return text(words)
    return tag("a", words, href=url, rel="noreferrer noopener", target="_blank")


def prose(words: str) -> Raw:
    """A sentence, in which backticks make code."""
    parts = words.split("`")
    if len(parts) % 2 == 0:
        return text(words)
    return join(tag("code", part) if number % 2 else part for number, part in enumerate(parts) if part)


def code(lines: Iterable[str], class_: str = "") -> Raw:
    """Lines of source as they stand."""
    return tag("pre", join((line.removesuffix("\r") for line in lines), "\n"), class_=class_ or None, tabindex="0")


_ITEM = re.compile(r"^(?:[-*]|\d+\.) ")


def markdown(words: str) -> Raw:
    """Paragraphs, lists and fenced code of simple Markdown."""
    parts: list[Raw] = []
    for index, block in enumerate(re.split(r"^```\w*\n(.*?)^```\s*$", words, flags=re.MULTILINE | re.DOTALL)):
        if index % 2:
            parts.append(code(block.rstrip("\n").split("\n")))
            continue
        for paragraph in re.split(r"\n\s*\n", block):
            lines = [line.strip() for line in paragraph.splitlines() if line.strip()]
            if lines and all(_ITEM.match(line) for line in lines):
                parts.append(tag("ul", (tag("li", prose(_ITEM.sub("", line))) for line in lines)))
            elif lines:
                parts.append(tag("p", prose(" ".join(lines))))
    return join(parts)
