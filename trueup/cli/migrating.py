"""What `migrate-v2` does with the options: run the steps, and say what was done and what is left."""

from __future__ import annotations

from collections.abc import Sequence

from trueup.migrate import bounds, report
from trueup.migrate.run import Outcome, run
from trueup.migrate.steps import Step
from trueup.report.diff import unified

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
            raise_bounds(session, outcome, write=not dry)
    except KeyboardInterrupt:
        if not dry:
            terminal.fault("interrupted; every file is whole, as it was or migrated; run it again to go on")
        raise
    session.report_problems()
    for step in outcome.steps:
        session.report_failed(step.held, step.failed)
    for problem in [*outcome.problems, *(one.problem for one in outcome.manifests if one.problem is not None)]:
        session.fail(f"{problem.path}: {problem.message}")
    if diff:
        for path, (old, new) in sorted(outcome.changed.items()):
            terminal.raw(session.diff(path, old, new))
        for one in outcome.manifests:
            if one.source is not None:
                terminal.raw(unified(one.path, one.source.text, one.new, bom=one.source.bom))
    tell(session, outcome, diff=diff, plan=plan)
    if session.failed:
        return FAILED
    if dry:
        work = bool(outcome.changed) or any(one.changed for one in outcome.manifests) or (plan and bool(outcome.left))
        return WORK_FOUND if work else NOTHING_LEFT
    by_hand = outcome.left or any(one.refusals for one in outcome.manifests)
    return MANUAL_LEFT if by_hand else NOTHING_LEFT


def raise_bounds(session: Session, outcome: Outcome, *, write: bool) -> None:
    """Raise what the project says it depends on, once the code needs it."""
    workspace, root = session.workspace, session.configs.root
    texts = (workspace.text(file.path) for file in workspace.files if file.path in workspace.project.files)
    wanted, added = bounds.floors(outcome, texts, workspace.project.imports_any)
    if wanted:
        paths = bounds.manifests(workspace, root)
        outcome.manifests = bounds.plan(paths, lambda path: shown(path, session.configs.cwd), wanted, added)
        if write:
            bounds.write_all(outcome.manifests)


def shown(path: str, cwd: str) -> str:
    """A path as people see it: relative where it is below the working directory."""
    return path.removeprefix(cwd.rstrip("/") + "/")


def tell(session: Session, outcome: Outcome, *, diff: bool, plan: bool) -> None:
    """Print the report: to stdout, or to stderr where a patch has that."""
    terminal = session.terminal
    paint = terminal.error_paint if diff else terminal.paint
    parts = [
        report.plan(outcome, session.rules, paint)
        if plan
        else report.done(outcome, paint, verbose=terminal.verbose > 0),
        report.dependencies(outcome, paint),
        report.undecided(outcome, session.rules, paint, verbose=terminal.verbose > 0),
        report.noticed(outcome, session.rules, paint),
        report.left(outcome, session.rules, paint),
        [report.totals(outcome, dry=diff or plan)],
    ]
    text = "\n".join("".join(line + "\n" for line in lines) for lines in parts if lines)
    if not terminal.quiet:
        terminal.results([text], to_stderr=diff)
