"""Which rules a text may hold something for: all their triggers are looked for at once."""

from __future__ import annotations

import re
from collections.abc import Sequence

_WORD_ONLY = "".join(chr(i) if chr(i).isalnum() or chr(i) == "_" else " " for i in range(256))
_WORD = re.compile(r"\w+")
_PATTERN = "re:"


class Triggers:
    """The triggers of many rules. A word in one is found as a whole word, unless the trigger has a `*`; what begins
    with `re:` is a regular expression.

    Words of a text are compared with all words of the triggers in one step; only what is left is searched for.
    """

    def __init__(self, triggers: Sequence[tuple[str, ...]]) -> None:
        """`triggers`: those of each rule; a rule without any is for every text."""
        self._always = frozenset(i for i, one in enumerate(triggers) if not one)
        self._by_word: dict[str, dict[str, list[int]]] = {}
        """Word -> the whole trigger, empty if it is that word -> whose it is."""
        self._others: dict[str, list[int]] = {}
        """Trigger without a whole word -> whose it is."""
        self._patterns: list[tuple[re.Pattern[str], int]] = []
        for index, one in enumerate(triggers):
            for trigger in one:
                if trigger.startswith(_PATTERN):
                    self._patterns.append((re.compile(trigger.removeprefix(_PATTERN)), index))
                    continue
                words = _WORD.findall(trigger)
                if "*" in trigger or not words:
                    self._others.setdefault(trigger.replace("*", ""), []).append(index)
                else:
                    whole = "" if words == [trigger] else trigger
                    self._by_word.setdefault(max(words, key=len), {}).setdefault(whole, []).append(index)
        self._words = frozenset(self._by_word)

    def standing_in(self, text: str) -> set[int]:
        """The positions of the rules one of whose triggers stands in a text."""
        words = text.translate(_WORD_ONLY).split() if text.isascii() else _WORD.findall(text)
        found = set(self._always)
        for word in self._words.intersection(words):
            for whole, indexes in self._by_word[word].items():
                if not whole or whole in text:
                    found.update(indexes)
        for trigger, indexes in self._others.items():
            if trigger in text:
                found.update(indexes)
        found.update([index for pattern, index in self._patterns if pattern.search(text)])
        return found
