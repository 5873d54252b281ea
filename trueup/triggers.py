"""Whether a text may hold what a rule looks for: many rules asked of one text."""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

_WORD_ONLY = "".join(chr(i) if chr(i).isalnum() or chr(i) == "_" else " " for i in range(256))
_WORD = re.compile(r"\w+")


class Text:
    """A text that is asked for many triggers; a word in a trigger is found as a whole word, unless it has a `*`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._words = frozenset(text.translate(_WORD_ONLY).split() if text.isascii() else _WORD.findall(text))

    def holds_any(self, triggers: tuple[str, ...]) -> bool:
        """Whether one of some triggers stands in the text."""
        plan = _plan(triggers)
        if not self._words.isdisjoint(plan.words):
            return True
        return any(
            trigger in self._text for word in self._words & plan.by_word.keys() for trigger in plan.by_word[word]
        ) or any(trigger in self._text for trigger in plan.others)


class _Plan(NamedTuple):
    """How to look for some triggers at little cost: sets of words are compared before any text is searched."""

    words: frozenset[str]
    """Triggers that are a word."""
    by_word: dict[str, list[str]]
    """The other triggers by the longest word in them."""
    others: list[str]
    """Triggers without a whole word."""


@functools.cache
def _plan(triggers: tuple[str, ...]) -> _Plan:
    words: list[str] = []
    by_word: dict[str, list[str]] = {}
    others: list[str] = []
    for trigger in triggers:
        inside = _WORD.findall(trigger)
        if inside == [trigger]:
            words.append(trigger)
        elif "*" in trigger:
            others.append(trigger.replace("*", ""))
        elif inside:
            by_word.setdefault(max(inside, key=len), []).append(trigger)
        else:
            others.append(trigger)
    return _Plan(frozenset(words), by_word, others)
