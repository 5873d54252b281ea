"""Findings in the formats that were asked for, to the places that were asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from trueup.edits import Preview
from trueup.model import RUFF, Finding
from trueup.report import text
from trueup.report.screen import Paint

from .output import STDOUT, Format, Output

if TYPE_CHECKING:
    from trueup.report.record import Item, Report

    from .session import Session

_READ = 200
"""So many repairs are shown to a person; nobody reads more, and each takes a millisecond or ten to try."""


@dataclass
class Listing:
    """What is to be written."""

    session: Session
    found: Sequence[Finding]
    """To be reported, in order."""
    known: Sequence[Finding] = ()
    """Not to be reported, for they stand in the baseline."""
    unsafe: bool = False
    """Unsafe fixes count as fixable."""
    summary: Callable[[Paint], list[str]] = field(default=lambda paint: [])
    """The closing lines; formats for machines have none."""
    statistics: str = ""
    """Count by `rule`, `file` or `owner` instead of listing."""
    has_baseline: bool = False
    """Findings were compared with a baseline, so that each is known or new."""
    line_hashes: bool = False
    """SARIF also has the fingerprint that GitHub's upload makes."""

    def document(self, wanted: Format, paint: Paint) -> Iterator[str]:
        """One document in pieces; `paint`: of the stream it goes to."""
        if self.statistics:
            return self._statistics(wanted, paint)
        if wanted.is_text:
            return self._text(wanted, paint)
        return self._machine(wanted)

    def _text(self, wanted: Format, paint: Paint) -> Iterator[str]:
        look = text.Look(paint, self.unsafe, str)
        if wanted is Format.FULL:
            made = self._repairs(self.found[:_READ])
            yield from text.full(self.found, look, self.session.rules, self._text_of, made)
        elif wanted is Format.PYLINT:
            yield from text.pylint(self.found, look)
            return
        else:
            yield from (text.grouped if wanted is Format.GROUPED else text.concise)(self.found, look)
        lines = self.summary(paint)
        pages = [one.code for one in self.found if one.code in self.session.own_rules]
        if lines and wanted is Format.FULL and pages:
            lines.append(f"`trueup explain {pages[0]}` says more.")
        yield "".join(line + "\n" for line in lines)

    def _statistics(self, wanted: Format, paint: Paint) -> Iterator[str]:
        from trueup.report import statistics

        session = self.session
        if self.statistics == "rule":
            rows = statistics.count(self.found, session.rules, unsafe=self.unsafe)
            if not wanted.is_text:
                from trueup.report import data

                return data.array(statistics.as_dicts(rows))
            urls = {code: rule.url for code, rule in session.rules.items()}
            return iter([statistics.table(rows, paint, urls)])
        name_of = session.owner_of if self.statistics == "owner" else session.below_repository
        shares = statistics.shares(self.found, session.rules, name_of, unsafe=self.unsafe)
        if not wanted.is_text:
            from trueup.report import data

            return data.array(statistics.shares_as_dicts(shares, self.statistics))
        return iter([statistics.shares_table(shares, paint)])

    def _machine(self, wanted: Format) -> Iterator[str]:
        report = self._report
        if wanted.shows_repairs:
            self._fill()
            report = self._report
        if wanted is Format.JSON or wanted in (Format.JSONL, Format.JSON_LINES):
            from trueup.report import data

            return data.write(report) if wanted is Format.JSON else data.write_lines(report)
        if wanted is Format.SARIF:
            from trueup.report import sarif

            report.suppressed = self._suppressed

            return sarif.write(report, line_hashes=self.line_hashes)
        if wanted is Format.JUNIT:
            from trueup.report import junit

            return junit.write(report)
        if wanted is Format.MARKDOWN:
            from trueup.report import markdown

            return markdown.write(report)
        if wanted is Format.RDJSON:
            from trueup.report import reviewdog

            return reviewdog.write(report)
        from trueup.report import ci

        writers = {
            Format.GITHUB: ci.github,
            Format.GITLAB: ci.gitlab,
            Format.AZURE: ci.azure,
        }
        return writers[wanted](report)

    @cached_property
    def _report(self) -> Report:
        from trueup import __version__
        from trueup.report.record import Report

        session = self.session
        items = self._items()
        return Report(
            [item for item in items if not item.known],
            session.repository,
            session.configs.cwd,
            session.below_repository,
            session.absolute,
            self._text_of,
            __version__,
            known=[item for item in items if item.known],
            has_baseline=self.has_baseline,
            files=len(session.checked.files),
            failed=session.failed,
            changed=self._changed,
        )

    @cached_property
    def _changed(self) -> Callable[[Item], bool]:
        """Whether a finding is on a line that the pull request changed, where GitHub says that there is one."""
        base = os.environ.get("GITHUB_BASE_REF")
        if not base:
            return lambda item: False
        from .since import changed_lines

        touched = changed_lines(self.session.repository, f"origin/{base}")
        return lambda item: touched(item.path, item.finding.span.line)

    def _items(self, also: Sequence[Finding] = ()) -> list[Item]:
        """Those to be reported and those that are known, in order, and behind them others."""
        from trueup.fingerprint import fingerprints, identities
        from trueup.report.record import Item

        session = self.session
        hidden = set(self.known)
        every = sorted([*self.found, *self.known], key=lambda finding: finding.order)
        every += also  # behind all others, so that these have the same fingerprints in every format
        prints = fingerprints(identities(every, session.below_root, self._text_of))
        return [
            Item(
                finding,
                session.rules.get(finding.code),
                session.below_repository(finding.path),
                session.absolute(finding.path),
                session.symbol(finding.path, finding.symbol),
                print_,
                known=finding in hidden,
                suppressed=number >= len(every) - len(also),
            )
            for number, (finding, print_) in enumerate(zip(every, prints, strict=True))
        ]

    @cached_property
    def _suppressed(self) -> list[Item]:
        from .hidden import hidden_by_comments

        hidden = hidden_by_comments(self.session)
        return self._items(hidden)[-len(hidden) :] if hidden else []

    def _fill(self) -> None:
        """Tell the report what the repairs would change."""
        from dataclasses import replace

        if self._report.filled:
            return
        made = self._repairs(self.found)
        nothing = Preview()
        self._report.items = [replace(item, preview=made.get(item.finding, nothing)) for item in self._report.items]
        self._report.filled = True

    def _repairs(self, wanted: Sequence[Finding]) -> Mapping[Finding, Preview]:
        from .repairs import repairs_of

        # ruff says with each finding what its repair would change.
        told = {one: Preview(one.clue) for one in wanted if one.kind == RUFF}
        own = [one for one in wanted if one.kind != RUFF]
        return told | dict(repairs_of(self.session, [*self.found, *self.known], own))

    def _text_of(self, path: str) -> str:
        try:
            return self.session.checked.text(path)
        except KeyError:  # it cannot be decoded, which is what the finding says
            return ""


def write_all(listing: Listing, wanted: Sequence[Output], *, to_stderr: bool) -> None:
    """Write every document; a file that cannot be written is a fault, and the others are written all the same.

    `to_stderr`: stdout is taken by source or a diff.
    """
    session = listing.session
    terminal = session.terminal
    for one in wanted:
        if one.path == STDOUT:
            paint = terminal.error_paint if to_stderr else terminal.paint
            terminal.results(listing.document(one.format, paint), to_stderr=to_stderr, text=one.format.is_text)
            continue
        texts = listing.document(one.format, Paint(False))
        try:
            with open(one.path, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
                stream.writelines(texts)
        except OSError as error:
            session.fail(f"{one.path}: cannot be written: {error.strerror}")
