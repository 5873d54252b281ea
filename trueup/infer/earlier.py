"""What was answered about a project before some of its files changed, and what of that still holds."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from .engine import Inference


class SharedKey(NamedTuple):
    """A question about the whole project, by the function that answers it."""

    module: str
    function: str
    args: tuple[Hashable, ...]

    def asked(self, types: Inference) -> object:
        """The answer, as it is now."""
        function: Callable[..., object] = getattr(importlib.import_module(self.module), self.function)
        return types.shared(function, *self.args)


class Shared(NamedTuple):
    """An answer that many files rest on, and what of the project was read for it."""

    value: object
    read: int


class Earlier(Protocol):
    """What was answered before, as far as it still holds."""

    def answer(self, key: SharedKey, /) -> Shared | None:
        """The answer to a shared question."""
        ...

    def parts(self, key: SharedKey, step: Callable[..., object], /) -> Mapping[str, Shared]:
        """Path -> what `step` gave for a file, when that question was asked."""
        ...


class Former:
    """The answers about a project whose files had other texts; an `Earlier` in memory."""

    def __init__(
        self,
        types: Inference,
        answers: dict[SharedKey, Shared],
        parts: dict[SharedKey, dict[str, Shared]],
        gone: int,
    ) -> None:
        """`types` answers about the project as it is now; `gone`: the bits of the files and names that have changed."""
        self._types = types
        self._answers = answers
        self._parts = parts
        self._gone = gone
        self._verdicts: dict[SharedKey, bool] = {}
        """Question -> whether its answer is what it was."""

    def answer(self, key: SharedKey) -> Shared | None:
        """The answer to a shared question, where all that it was made from is what it was."""
        one = self._answers.get(key)
        return one if one is not None and self._holds(one.read) else None

    def parts(self, key: SharedKey, step: Callable[..., object]) -> Mapping[str, Shared]:
        """Those parts of an answer that were made from what is what it was."""
        return {path: one for path, one in self._parts.get(key, {}).items() if self._holds(one.read)}

    def _holds(self, read: int) -> bool:
        return not read & self._gone and all(map(self._is_same, self._asked(read)))

    def _asked(self, read: int) -> Iterator[SharedKey]:
        """The shared questions among what was read."""
        project = self._types.project
        others = read & ~project.own_bits
        for name in project.named(others) if others else ():
            if isinstance(name, SharedKey):
                yield name

    def _is_same(self, key: SharedKey) -> bool:
        known = self._verdicts.get(key)
        if known is None:
            before = self._answers.get(key)
            known = self._verdicts[key] = before is not None and _alike(before.value, key.asked(self._types))
        return known


def _alike(before: object, now: object) -> bool:
    """Whether two answers are equal, dictionaries in their order too."""
    if isinstance(before, dict) and isinstance(now, dict):
        return list(before) == list(now) and all(_alike(value, now[key]) for key, value in before.items())
    return before == now
