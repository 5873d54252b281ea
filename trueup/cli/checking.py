"""What `check` does with the options: find, repair or show the repair, print what is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from trueup.files import Problem, Source
from trueup.model import Finding, Safety, Severity
from trueup.report.diff import unified
from trueup.report.screen import Paint, escape
from trueup.report.text import Look, closing, plural, tally

from . import printing
from .session import Session
from .terminal import doing


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user wants done with the findings."""

    fix: bool
    unsafe: bool
    diff: bool
    report_left: bool
    output_format: str
    output_file: str | None
    statistics: bool
    ignore_suppressions: bool
    exit_zero: bool
    exit_non_zero_on_fix: bool
    error_on_warning: bool

    def exit_code(self, result: Result) -> int:
        """0 or 1; that something failed is for the session to say."""
        bad = (Severity.ERROR, Severity.WARNING) if self.error_on_warning else (Severity.ERROR,)
        failing = self.report_left and any(self.diff or finding.severity in bad for finding in result.left)
        pending = result.changed > 0 and (self.diff or self.exit_non_zero_on_fix)
        return int((failing or pending) and not self.exit_zero)


class Result(NamedTuple):
    """What the exit code is made of."""

    left: Sequence[Finding]
    changed: int = 0
    """Files whose text a repair changed."""


class _Run(NamedTuple):
    """What checking gave, and repairing where that was asked for."""

    left: list[Finding]
    changed: Mapping[str, tuple[str, str]] = {}
    """Path -> the text before, the text after."""
    fixed: Sequence[Finding] = ()
    held: Sequence[tuple[Finding, str]] = ()
    failed: Sequence[Finding] = ()


def check_files(session: Session, wishes: Wishes) -> Result:
    """Check what is on disk, repair it there or show how, and print what is left."""
    workspace, terminal = session.checked, session.terminal
    run = _run(session, wishes)
    left, fixed = list(run.left), list(run.fixed)
    if wishes.diff:
        for path in sorted(run.changed):
            terminal.raw(session.diff(path, *run.changed[path]))
    elif run.changed:
        for problem in session.workspace.write_all(run.changed, fixed)[1]:
            session.fail(f"{problem.path}: {problem.message}")
            left += [finding for finding in fixed if finding.path == problem.path]
            fixed = [finding for finding in fixed if finding.path != problem.path]
    left.sort(key=lambda finding: finding.order)
    session.report_failed(run.held, run.failed)
    session.report_problems()
    if not workspace.files and not session.failed:
        terminal.note("trueup: warning: there are no Python files here")
    _tell_fixed(session, wishes, fixed, run.held)
    _print_left(session, wishes, left, len(fixed), to_stderr=wishes.diff)
    return Result(left, len(run.changed))


def check_buffer(session: Session, wishes: Wishes, data: bytes, source: Source | Problem | None) -> Result:
    """Check what stdin brought; the repaired source, or else the same bytes, goes to stdout and findings to stderr."""
    terminal = session.terminal
    if not isinstance(source, Source):
        left = [source.finding()] if source is not None else []
        if wishes.fix and not wishes.diff:
            terminal.raw(data)
        _print_left(session, wishes, left, 0, to_stderr=wishes.fix or wishes.diff)
        return Result(left)
    run = _run(session, wishes)
    _, new = run.changed.get(source.file.path, ("", source.text))
    if wishes.diff:
        terminal.raw(unified(source.file.path, source.text, new, encoding=source.encoding, bom=source.bom))
    elif wishes.fix:
        terminal.raw((b"\xef\xbb\xbf" if source.bom else b"") + new.encode(source.encoding))
    session.report_failed(run.held, run.failed)
    session.report_problems()
    _print_left(session, wishes, run.left, len(run.fixed), to_stderr=wishes.fix or wishes.diff)
    return Result(run.left, len(run.changed))


def _run(session: Session, wishes: Wishes) -> _Run:
    workspace, terminal = session.checked, session.terminal
    workspace.ignore_suppressions = wishes.ignore_suppressions
    applied = (Safety.SAFE, Safety.UNSAFE) if wishes.unsafe else (Safety.SAFE,)

    def wanted(finding: Finding) -> bool:
        return finding.safety in applied and session.may_fix(finding.path, finding.code)

    with doing(f"checking {len(workspace.files)} files"), terminal.progress() as bar:
        bar("reading files")
        workspace.index()
        terminal.phase(f"read {plural(len(workspace.files), 'file')}")
        bar(f"checking {len(workspace.files)} files")
        if wishes.fix or wishes.diff:
            from trueup.fix import fix_project

            repaired = fix_project(session.workspace, wanted, jobs=session.workspace.jobs)
            run = _Run(repaired.left, repaired.changed, repaired.fixed, repaired.held, repaired.failed)
            terminal.phase(f"repaired {plural(len(run.fixed), 'finding')} in {plural(repaired.rounds, 'round')}")
        else:
            run = _Run(workspace.check())
            session.remember(run.left)
            terminal.phase(f"found {plural(len(run.left), 'finding')}")
    for code, verdicts in sorted(workspace.verdicts.items()):
        counts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items()))
        terminal.phase(f"receivers that {code} asked about: {counts}")
    return run


def _tell_fixed(
    session: Session, wishes: Wishes, fixed: Sequence[Finding], held: Sequence[tuple[Finding, str]]
) -> None:
    """On stderr: what was repaired, by file and rule, and which repairs were tried in vain."""
    if fixed:
        counts = Counter((f.path, f.code, f.name) for f in fixed)
        files = plural(len({f.path for f in fixed}), "file")
        verb = "Would repair" if wishes.diff else "Repaired"
        session.terminal.note(f"{verb} {plural(len(fixed), 'finding')} in {files}:")
        session.terminal.note(*tally((*key, counts[key]) for key in sorted(counts)))
    for finding, reason in held:
        where = f"{finding.path}:{finding.span.line}:{finding.span.column}"
        session.terminal.note(f"not repaired: {escape(f'{where}: {finding.code} {reason}')}")


def _print_left(session: Session, wishes: Wishes, left: Sequence[Finding], fixed: int, *, to_stderr: bool) -> None:
    """Print findings, or their statistics, in the format that was asked for."""
    if not wishes.report_left:
        return
    terminal, workspace = session.terminal, session.checked
    paint = Paint(False) if wishes.output_file else terminal.error_paint if to_stderr else terminal.paint
    if wishes.statistics:
        texts = printing.statistics_as(wishes.output_format, left, session, paint=paint, unsafe=wishes.unsafe)
    else:
        summary = closing(
            left,
            Look(paint, wishes.unsafe, str),
            files=len(workspace.files),
            suppressed=workspace.suppressed,
            fixed=fixed,
            dry=wishes.diff,
        )
        texts = printing.findings_as(
            wishes.output_format, left, session,
            paint=paint, unsafe=wishes.unsafe, summary=[] if terminal.quiet or not workspace.files else summary,
        )  # fmt: skip
    if not wishes.output_file:
        terminal.results(texts, to_stderr=to_stderr)
        return
    try:
        with open(wishes.output_file, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
            stream.writelines(texts)
    except OSError as error:
        session.fail(f"{wishes.output_file}: cannot be written: {error.strerror}")
