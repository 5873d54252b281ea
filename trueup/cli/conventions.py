"""ruff's part of `check`: it runs beside trueup's own, its findings join the others, its repairs come after them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from trueup.conventions import (
    Chosen,
    Manner,
    ask,
    ask_about,
    findings_of,
    fixed,
    repair,
    taken_for_safe,
    without_doubles,
)
from trueup.names import parsed
from trueup.ruff import RuffFailed, Run, each
from trueup.suppress import parse
from trueup.tool_rules import RUFF_FAILED

if TYPE_CHECKING:
    from trueup.config import Config
    from trueup.files import SourceFile
    from trueup.model import Finding

    from .session import Session


class Outcome(NamedTuple):
    """What repairing came to."""

    texts: Mapping[str, str]
    """Path -> new text, of what ruff changed."""
    fixed: Sequence[Finding]
    left: Sequence[Finding]
    """All that ruff finds in the end."""


class Asked:
    """ruff at work on the files of a run, from the moment this is made."""

    def __init__(
        self, session: Session, files: Sequence[SourceFile] | None = None, texts: Mapping[str, str] | None = None
    ) -> None:
        """Start.

        Args:
            session: the run.
            files: what to look at; None: what the run looks at.
            texts: path -> what stands for the file.
        """
        self._session = session
        self._chosen = Chosen(session.ruffs_rules)
        self._files = {file.path: file for file in (session.checked.files if files is None else files)}
        self._texts = {path: text for path, text in (texts or {}).items() if path in self._files}
        self._runs: list[Run] = []
        self._codes = {path: self._chosen.codes(*self._place(path)) for path in self._files}
        folder = session.cache_folder
        root = session.configs.root
        isolated = session.configs.for_folder(root).origin == "--isolated"
        self._manner = Manner(root, os.path.join(folder, "ruff") if folder else None, isolated)
        together: dict[frozenset[str], list[str]] = {}
        for config in session.configs.all():
            on = [path for path in self._on_disk if self._place(path)[0] is config]
            if on:
                # What is off in some of them is left out of the answer.
                codes = frozenset[str]().union(*(self._codes[path] for path in on))
                together.setdefault(codes, []).extend(on)
        try:
            if not session.ruffs_rules:
                Run("version", cwd=root).said()  # says why there are no rules
            for codes, paths in together.items():
                self._runs.append(ask(self._manner, codes, [self._files[path].absolute for path in paths]))
        except RuffFailed as error:
            self._fail(error)

    @property
    def _on_disk(self) -> list[str]:
        return [path for path, codes in self._codes.items() if codes and path not in self._texts]

    def _fail(self, error: RuffFailed) -> None:
        self._session.fail(f"{RUFF_FAILED.code} {RUFF_FAILED.name}: {error}")

    def _place(self, path: str) -> tuple[Config, str]:
        absolute = self._files[path].absolute
        return self._session.configs.for_file(absolute), absolute

    @cached_property
    def _by_absolute(self) -> dict[str, str]:
        return {file.absolute: path for path, file in self._files.items()}

    def _named(self, absolute: str) -> tuple[str, Config] | None:
        path = self._by_absolute.get(absolute)
        return (path, self._place(path)[0]) if path is not None else None

    @cached_property
    def findings(self) -> list[Finding]:
        """What ruff found; waits for it."""
        found = []
        for run in self._runs:
            try:
                found += findings_of(run.said().out, self._chosen, self._named)
            except RuffFailed as error:
                self._fail(error)
        answers: dict[str, str] = {}

        def one(path: str) -> None:
            answers[path] = self._look(path, self._texts[path])

        try:
            each(one, [path for path in self._texts if self._codes[path]], self._session.jobs)
        except RuffFailed as error:
            self._fail(error)
        return found + [
            one for path in sorted(answers) for one in findings_of(answers[path], self._chosen, self._named)
        ]

    def _look(self, path: str, text: str) -> str:
        return ask_about(self._manner, self._codes[path], text, self._files[path].absolute).said().out

    def joined(self, own: Sequence[Finding], ruffs: Sequence[Finding] | None = None) -> list[Finding]:
        """trueup's own findings and ruff's, in order, nothing twice."""
        ruffs = self.findings if ruffs is None else ruffs
        both = [*own, *(one for one in without_doubles(ruffs, own, self._session.own_rules) if not self._hidden(one))]
        return sorted(both, key=lambda finding: finding.order)

    def _hidden(self, finding: Finding) -> bool:
        """Whether a comment hides what a rule of trueup, which says the same, found there."""
        rules = self._session.own_rules
        same = [rule for rule in rules.values() if rule.ruff and finding.code.startswith(rule.ruff)]
        if not same or self._session.checked.ignore_suppressions:
            return False
        try:
            suppressions = parse(self._session.checked.text(finding.path))
        except KeyError:
            return False
        as_own = [replace(finding, code=rule.code, name=rule.name, kind="") for rule in same]
        return bool(suppressions.apply(as_own, (), rules, path=finding.path).suppressed)

    def repaired(
        self, changed: Sequence[str], wanted: Callable[[Finding], bool], *, unsafe: bool, look: bool = False
    ) -> Outcome:
        """Repair, in memory: the files where ruff found something to repair, and those that are `changed` already.

        `look`: repair nothing, only see what it finds in what is changed.
        """
        session = self._session
        before = self.findings
        concerned = {*changed, *(one.path for one in before if not look and wanted(one))}
        paths = sorted(path for path in concerned if self._codes.get(path))
        texts: dict[str, str] = {}
        left: dict[str, list[Finding]] = {}

        def one(path: str) -> None:
            config, absolute = self._place(path)
            on = [self._chosen.rules[code] for code in self._codes[path]]
            text = session.workspace.text(path)
            if look:
                left[path] = findings_of(self._look(path, text), self._chosen, self._named)
                return
            made = repair(
                self._manner,
                self._codes[path],
                text,
                absolute,
                locked=[rule.code for rule in on if not config.may_fix(rule)],
                safe=taken_for_safe(config, on),
                unsafe=unsafe,
            )
            if made.text != text and (parsed(made.text) is not None or parsed(text) is None):
                texts[path] = made.text
            left[path] = findings_of(made.left, self._chosen, self._named)

        try:
            each(one, paths, session.workspace.jobs)
        except RuffFailed as error:
            self._fail(error)
            return Outcome({}, [], before)
        after = [finding for path in paths for finding in left[path]]
        kept = [finding for finding in before if finding.path not in left]
        was = [finding for finding in before if finding.path in left and finding.path in texts]
        gone = fixed(was, [finding for finding in after if finding.path in texts])
        return Outcome({path: texts[path] for path in sorted(texts)}, gone, [*kept, *after])
