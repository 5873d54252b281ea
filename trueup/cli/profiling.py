"""`--profile`: which rules take the time, and which files."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from trueup import registry
from trueup.model import Hit
from trueup.report.screen import escape

if TYPE_CHECKING:
    from trueup.config import Config
    from trueup.index.facts import FileFacts
    from trueup.infer import Inference

    from .session import Session

    _Where: TypeAlias = Callable[[FileFacts, Inference, Config], bool]

_Key = TypeVar("_Key")
_FILES = 10
"""So many are told, the slowest."""


def _slowest(spent: Mapping[_Key, float]) -> list[tuple[_Key, float]]:
    return sorted(spent.items(), key=lambda item: -item[1])


@contextmanager
def profiling(session: Session) -> Iterator[None]:
    """Measure the rules while a session checks, and say then, on stderr, how long they took.

    What a rule asks of the project first is remembered for the others: the first one bears the time.
    """
    rules: dict[tuple[str, str], float] = {}
    files: dict[str, float] = {}

    def noting(checker: registry.Checker, path: str, work: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        try:
            return work()
        finally:
            spent = time.perf_counter() - start
            rule = checker.rule.code, checker.rule.name
            rules[rule] = rules.get(rule, 0.0) + spent
            files[path] = files.get(path, 0.0) + spent

    def timed(checker: registry.Checker) -> registry.Checker:
        function, where = checker.function, checker.where

        def measured(node: Any, file: Any) -> Iterable[Hit]:
            hits = iter(noting(checker, file.path, lambda: function(node, file)) or ())
            while (hit := noting(checker, file.path, lambda: next(hits, None))) is not None:
                yield hit

        def asked(facts: FileFacts, types: Inference, config: Config, *, ask: _Where) -> bool:
            return bool(noting(checker, facts.path, lambda: ask(facts, types, config)))

        return replace(checker, function=measured, where=partial(asked, ask=where) if where is not None else None)

    session.workspace.use([timed(checker) for checker in registry.load_checkers()])
    started = time.perf_counter()
    yield
    lines = ["", f"{time.perf_counter() - started:7.3f} s  in all, of which rules:"]
    lines += [f"{spent:7.3f} s  {code} {name}" for (code, name), spent in _slowest(rules) if spent >= 0.0005]
    lines += ["", f"The {_FILES} slowest files, as far as rules are concerned:"]
    lines += [f"{spent:7.3f} s  {escape(path)}" for path, spent in _slowest(files)[:_FILES]]
    session.terminal.note(*lines)
