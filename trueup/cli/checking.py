"""What `check` does with the options: find, repair or show the repair, print what is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from trueup.files import Problem, Source
from trueup.model import RUFF, Finding, Safety, Severity
from trueup.report.screen import Paint, escape
from trueup.report.text import Look, closing, plural, tally
from trueup.tool_rules import TOOL_RULES

from . import printing
from .known import News, Wanted, news, place
from .output import Output
from .session import Session
from .terminal import doing

if TYPE_CHECKING:
    from .conventions import Asked


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user wants done with the findings."""

    fix: bool
    unsafe: bool
    diff: bool
    report_left: bool
    outputs: Sequence[Output]
    statistics: str
    """Count by `rule`, `file` or `owner`; empty: list."""
    ignore_suppressions: bool
    exit_zero: bool
    exit_non_zero_on_fix: bool
    error_on_warning: bool
    known: Wanted
    line_hashes: bool = False
    add_ignore: str | None = None
    """Hide what is found by comments with this reason."""
    interactive: bool = False

    def exit_code(self, result: Result) -> int:
        """0 or 1; that something failed is for the session to say."""
        bad = (Severity.ERROR, Severity.WARNING) if self.error_on_warning else (Severity.ERROR,)
        failing = self.report_left and any(self.diff or finding.severity in bad for finding in result.left)
        pending = result.changed > 0 and (self.diff or self.exit_non_zero_on_fix)
        stale = result.stale and self.known.error_stale
        return int((failing or pending or stale) and not self.exit_zero)


class Result(NamedTuple):
    """What the exit code is made of."""

    left: Sequence[Finding]
    changed: int = 0
    """Files whose text a repair changed."""
    stale: bool = False
    """The baseline holds what is gone."""


class _Run(NamedTuple):
    """What checking gave, and repairing where that was asked for."""

    left: list[Finding]
    changed: Mapping[str, tuple[str, str]] = {}
    """Path -> the text before, the text after."""
    fixed: Sequence[Finding] = ()
    held: Sequence[tuple[Finding, str]] = ()
    made: Sequence[str] = ()
    tied: Sequence[tuple[str, str]] = ()
    failed: Sequence[Finding] = ()


def check_files(session: Session, wishes: Wishes) -> Result:
    """Check what is on disk, repair it there or show how, and print what is left."""
    workspace, terminal = session.checked, session.terminal
    run = _run(session, wishes)
    left, fixed = list(run.left), list(run.fixed)
    if wishes.diff:
        for path in sorted(run.changed):
            terminal.diff(session.diff(path, *run.changed[path], is_new=path in run.made))
    elif run.changed:
        from trueup.saving import write_all

        for problem in write_all(session.workspace, run.changed, fixed, run.tied)[1]:
            session.fail(f"{problem.path}: {problem.message}")
            left += [finding for finding in fixed if finding.path == problem.path]
            fixed = [finding for finding in fixed if finding.path != problem.path]
    left.sort(key=lambda finding: finding.order)
    session.report_failed(run.held, run.failed)
    session.report_problems()
    if not workspace.files and not session.failed:
        terminal.note("trueup: warning: there are no Python files here")
    _tell_fixed(session, wishes, fixed, run.held)
    parted = news(session, wishes.known, left)
    if wishes.add_ignore is not None and parted.new:
        parted = news(session, wishes.known, add_ignores(session, parted.new, wishes.add_ignore))
    _print_left(session, wishes, parted, len(fixed), to_stderr=wishes.diff)
    return Result(parted.new, len(run.changed), parted.stale)


def add_ignores(session: Session, found: Sequence[Finding], reason: str) -> list[Finding]:
    """Write comments that hide findings into their files; returns what is found then."""
    from trueup.add_ignore import with_ignores
    from trueup.saving import write_all

    workspace = session.workspace
    ruffs: list[Finding] = []
    by_path: dict[str, list[Finding]] = {}
    for finding in found:
        if finding.kind == RUFF:  # it heeds no comment of trueup's
            ruffs.append(finding)
            continue
        by_path.setdefault(finding.path, []).append(finding)
    texts, hidden = {}, 0
    for path, some in by_path.items():
        try:
            text = workspace.text(path)
        except KeyError:  # it cannot be read, which is what the finding says
            continue
        ignored = with_ignores(text, some, reason)
        if ignored.text != text:
            texts[path] = (text, ignored.text)
            hidden += len(some) - len(ignored.refused)
    workspace.update({path: new for path, (_, new) in texts.items()})
    for problem in write_all(workspace, texts, ())[1]:
        session.fail(f"{problem.path}: {problem.message}")
    if texts:
        session.terminal.note(f"Hid {plural(hidden, 'finding')} in {plural(len(texts), 'file')} by comments.")
    if not ruffs:
        return workspace.check()
    from .conventions import Asked

    session.terminal.note(f"{plural(len(ruffs), 'finding')} of ruff stay: `ruff check --add-noqa` hides them")
    return Asked(session).joined(workspace.check())  # at the lines where they stand now


def check_buffer(session: Session, wishes: Wishes, data: bytes, source: Source | Problem | None) -> Result:
    """Check what stdin brought; the repaired source, or else the same bytes, goes to stdout and findings to stderr."""
    terminal = session.terminal
    if not isinstance(source, Source):
        left = [source.finding()] if source is not None else []
        if wishes.fix and not wishes.diff:
            terminal.raw(data)
        _print_left(session, wishes, News(left, []), 0, to_stderr=wishes.fix or wishes.diff)
        return Result(left)
    run = _run(session, wishes, source)
    _, new = run.changed.get(source.file.path, ("", source.text))
    if wishes.diff:
        from trueup.report.diff import unified

        terminal.diff(unified(source.file.path, source.text, new, encoding=source.encoding, bom=source.bom))
    elif wishes.fix:
        terminal.raw((b"\xef\xbb\xbf" if source.bom else b"") + new.encode(source.encoding))
    session.report_failed(run.held, run.failed)
    session.report_problems()
    _tell_fixed(session, wishes, (), run.held)
    parted = news(session, wishes.known, run.left)
    _print_left(session, wishes, parted, len(run.fixed), to_stderr=wishes.fix or wishes.diff)
    return Result(parted.new, len(run.changed))


def _run(session: Session, wishes: Wishes, buffer: Source | None = None) -> _Run:
    workspace, terminal = session.checked, session.terminal
    workspace.ignore_suppressions = wishes.ignore_suppressions
    applied = (Safety.SAFE, Safety.UNSAFE) if wishes.unsafe else (Safety.SAFE,)

    def wanted(finding: Finding) -> bool:
        return finding.safety in applied and session.may_fix(finding.path, finding.code)

    ruff = None
    if any(config.ruff for config in session.configs.all()):
        from .conventions import Asked

        ruff = Asked(session, texts={} if buffer is None else {buffer.file.path: buffer.text})
    chosen: Callable[[Finding], bool] = wanted
    known: list[Finding] | None = None
    if wishes.interactive:
        from .interactive import choose

        known = workspace.check()
        chosen = choose(session, known, wanted)
    with doing(f"checking {plural(len(workspace.files), 'file')}"), terminal.progress() as bar:
        bar("reading files")
        workspace.index()
        terminal.phase(f"read {plural(len(workspace.files), 'file')}")
        bar(f"checking {plural(len(workspace.files), 'file')}")
        if wishes.fix or wishes.diff:
            from trueup.fix import fix_project

            repaired = fix_project(session.workspace, chosen, jobs=session.workspace.jobs, known=known)
            if repaired.changed and session.tidy is not None:
                from trueup.exports import Exports

                if session.tidy(session.workspace, repaired.changed, Exports(session.workspace.text)):
                    repaired.left = session.workspace.check()
            run = _Run(
                repaired.left,
                repaired.changed,
                repaired.fixed,
                repaired.held,
                repaired.made,
                repaired.tied,
                repaired.failed,
            )
            terminal.phase(f"repaired {plural(len(run.fixed), 'finding')} in {plural(repaired.rounds, 'round')}")
            if ruff is not None:
                run = _repaired_by(ruff, session, wishes, run, wanted)
        else:
            run = _Run(workspace.check())
            session.remember(run.left)
            terminal.phase(f"found {plural(len(run.left), 'finding')}")
            if ruff is not None:
                run = run._replace(left=ruff.joined(run.left))
                terminal.phase("ruff is done")
    _set_severities(session, run.left)
    for code, verdicts in sorted(workspace.verdicts.items()):
        counts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items()))
        terminal.phase(f"receivers that {code} asked about: {counts}")
    return run


def _repaired_by(ruff: Asked, session: Session, wishes: Wishes, run: _Run, wanted: Callable[[Finding], bool]) -> _Run:
    """What is left and changed once ruff, too, has made its repairs; none of them where each is to be asked for."""
    workspace = session.workspace
    made = ruff.repaired(list(run.changed), wanted, unsafe=wishes.unsafe, look=wishes.interactive)
    left, changed = run.left, dict(run.changed)
    if made.texts:
        for path, text in made.texts.items():
            before = changed.pop(path)[0] if path in changed else workspace.text(path)
            if text != before:
                changed[path] = (before, text)
        workspace.update(made.texts)
        left = workspace.check()
    session.terminal.phase(f"ruff repaired {plural(len(made.fixed), 'finding')}")
    return run._replace(
        left=ruff.joined(left, made.left), changed=dict(sorted(changed.items())), fixed=[*run.fixed, *made.fixed]
    )


def _set_severities(session: Session, found: list[Finding]) -> None:
    """Give findings about trueup's own work the severity that is configured for them; those of rules have it."""
    for number, finding in enumerate(found):
        if finding.code in TOOL_RULES:
            config = session.configs.for_file(session.absolute(finding.path))
            severity = config.severity_of(finding, finding.severity)
            if severity is not finding.severity:
                found[number] = replace(finding, severity=severity)


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


def _print_left(session: Session, wishes: Wishes, parted: News, fixed: int, *, to_stderr: bool) -> None:
    """Print findings, or their statistics, in the formats that were asked for."""
    if not wishes.report_left:
        return
    terminal, workspace = session.terminal, session.checked

    def summary(paint: Paint) -> list[str]:
        if terminal.quiet or not workspace.files:
            return []
        return closing(
            parted.new,
            Look(paint, wishes.unsafe, str),
            files=len(workspace.files),
            suppressed=workspace.suppressed,
            fixed=fixed,
            dry=wishes.diff,
            known=parted.said,
        )

    listing = printing.Listing(
        session,
        parted.new,
        parted.known,
        wishes.unsafe,
        summary,
        wishes.statistics,
        wishes.known.since is not None or place(session, wishes.known) is not None,
        wishes.line_hashes,
    )
    printing.write_all(listing, wishes.outputs, to_stderr=to_stderr)
