"""What `migrate-v2` does with the options: run the steps, and say what was done and what is left."""

from __future__ import annotations

from collections.abc import Sequence

from trueup.migrate import report
from trueup.migrate.run import Outcome, run
from trueup.migrate.steps import Step

from .session import Session
from .terminal import doing

NOTHING_LEFT, WORK_FOUND, FAILED, MANUAL_LEFT = range(4)


def migrate(session: Session, steps: Sequence[Step], *, diff: bool, plan: bool, safe_only: bool) -> int:
    """Run the steps, in place unless `diff` or `plan`, and report; returns the exit code.

    Ctrl-C leaves every file whole, and passes on.
    """
    workspace, terminal = session.workspace, session.terminal
    outcome = Outcome()
    dry = diff or plan
    try:
        with doing(f"migrating {len(workspace.files)} files"), terminal.progress() as bar:
            bar("reading files")
            workspace.index()
            run(
                workspace,
                steps,
                session.rules,
                outcome,
                may_fix=session.may_fix,
                safe_only=safe_only,
                write=not dry,
                jobs=workspace.jobs,
                progress=bar,
            )
    except KeyboardInterrupt:
        if not dry:
            terminal.fault("interrupted; every file is whole, as it was or migrated; run it again to go on")
        raise
    session.report_problems()
    for step in outcome.steps:
        session.report_failed(step.held, step.failed)
    for problem in outcome.problems:
        session.fail(f"{problem.path}: {problem.message}")
    if diff:
        for path, (old, new) in sorted(outcome.changed.items()):
            terminal.raw(session.diff(path, old, new))
    tell(session, outcome, diff=diff, plan=plan)
    if session.failed:
        return FAILED
    if dry:
        work = bool(outcome.changed) or (plan and bool(outcome.left))
        return WORK_FOUND if work else NOTHING_LEFT
    return MANUAL_LEFT if outcome.left else NOTHING_LEFT


def tell(session: Session, outcome: Outcome, *, diff: bool, plan: bool) -> None:
    """Print the report: to stdout, or to stderr where a patch has that."""
    terminal = session.terminal
    paint = terminal.error_paint if diff else terminal.paint
    parts = [
        report.plan(outcome, session.rules, paint)
        if plan
        else report.done(outcome, paint, verbose=terminal.verbose > 0),
        report.undecided(outcome, session.rules, paint, verbose=terminal.verbose > 0),
        report.left(outcome, session.rules, paint),
        [report.totals(outcome, dry=diff or plan)],
    ]
    text = "\n".join("".join(line + "\n" for line in lines) for lines in parts if lines)
    if not terminal.quiet:
        terminal.results([text], to_stderr=diff)
