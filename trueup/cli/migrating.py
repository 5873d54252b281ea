"""What `migrate-v2` does with the options: run the steps, and say what was done and what is left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from trueup.libraries.sqlalchemy.to_async import conversion
from trueup.migrate import bounds, report, to_async
from trueup.migrate.git import CommitFailed
from trueup.migrate.run import Outcome, run
from trueup.migrate.steps import Step
from trueup.report.diff import unified

from .session import Session
from .terminal import doing

if TYPE_CHECKING:
    from trueup.check import Workspace
    from trueup.migrate.manifests import Change
    from trueup.migrate.run import Judge, StepDone

NOTHING_LEFT, WORK_FOUND, FAILED, MANUAL_LEFT, TAKEN_BACK = range(5)


class Wishes(NamedTuple):
    """What the options ask for."""

    diff: bool = False
    plan: bool = False
    safe_only: bool = False
    commit: bool = False
    markers: bool = False
    reports: Sequence[str] = ()
    """Files to write a report to; how they end says of which kind."""
    judge: Judge | None = None
    """What may have a step taken back."""

    @property
    def dry(self) -> bool:
        """Nothing is to be written."""
        return self.diff or self.plan


def migrate(session: Session, steps: Sequence[Step], wishes: Wishes) -> int:
    """Run the steps, in place unless it is to be dry, and report; returns the exit code.

    Ctrl-C leaves every file whole, and passes on.
    """
    workspace, terminal = session.workspace, session.terminal
    outcome = Outcome()
    committer = _Committer(session) if wishes.commit else None
    stopped = ""
    try:
        with doing(f"migrating {len(workspace.files)} files"), terminal.progress() as bar:
            bar("reading files")
            workspace.index()
            if wishes.plan and any(step.name == "async" for step in steps):
                bar("following sessions")
                outcome.to_async = conversion(workspace.types, {file.path for file in workspace.files})
            session.checked = run(
                workspace,
                steps,
                session.rules,
                outcome,
                may_fix=session.may_fix,
                safe_only=wishes.safe_only,
                write=not wishes.dry,
                markers=wishes.markers,
                jobs=workspace.jobs,
                progress=bar,
                judge=wishes.judge,
                settle=committer.step if committer is not None else None,
                tidy=session.tidy,
            )
            raise_bounds(session, outcome, write=not wishes.dry)
            if committer is not None:
                committer.rest(outcome)
    except CommitFailed as refusal:
        stopped = str(refusal)
    except KeyboardInterrupt:
        if not wishes.dry:
            for problem in outcome.problems:
                terminal.fault(f"{problem.path}: {problem.message}")
            terminal.fault("interrupted; every file is whole, as it was or migrated; run it again to go on")
        raise
    session.report_problems()
    for step in outcome.steps:
        session.report_failed(step.held, step.failed)
    for problem in [*outcome.problems, *(one.problem for one in outcome.manifests if one.problem is not None)]:
        session.fail(f"{problem.path}: {problem.message}")
    if wishes.diff:
        for path, (old, new) in sorted(outcome.changed.items()):
            terminal.diff(session.diff(path, old, new))
        for one in outcome.manifests:
            if one.source is not None:
                terminal.diff(unified(one.path, one.source.text, one.new, bom=one.source.bom))
    tell(session, outcome, wishes, committer.made if committer is not None else (), stopped=bool(stopped))
    for line in stopped.splitlines():
        session.fail(line)
    if wishes.reports:
        write_reports(session, outcome, wishes, committer.made if committer is not None else (), stopped)
    if session.failed:
        return FAILED
    if any(step.taken_back for step in outcome.steps):
        return TAKEN_BACK
    by_hand = bool(outcome.left) or any(one.refusals for one in outcome.manifests)
    if wishes.dry:
        found = bool(outcome.changed) or any(one.changed for one in outcome.manifests)
        return WORK_FOUND if found or (wishes.plan and by_hand) else NOTHING_LEFT
    return MANUAL_LEFT if by_hand else NOTHING_LEFT


class _Committer:
    """Commits what each step wrote."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.made: list[str] = []
        """The first lines of the commits."""

    def step(self, done: StepDone) -> Workspace | None:
        """Commit a step; a new workspace if a hook changed what is in its files. Raises CommitFailed."""
        from trueup.files import Source, read
        from trueup.migrate.commits import commit, step_message

        session = self.session
        files = {session.absolute(path): path for path in done.files}
        self.made += commit(files, lambda paths: step_message(done, session.rules, paths))
        for path in done.files:
            there = session.workspace.source(path)
            now = read(there.file) if isinstance(there, Source) else there
            if not isinstance(now, Source) or now.text != done.changes[path][1]:
                session.checked = _read_again(session)
                return session.workspace
        return None

    def rest(self, outcome: Outcome) -> None:
        """Commit what stands in no step: markers, and the bounds of dependencies. Raises CommitFailed."""
        from trueup.migrate.commits import bounds_message, commit, markers_message

        marked = {self.session.absolute(path): path for path in outcome.markers}
        changed = sum(added + removed for added, removed in outcome.markers.values())
        self.made += commit(marked, lambda paths: markers_message(changed, paths))
        raised = [one for one in outcome.manifests if one.changed and one.problem is None]
        changes = [f"{one.path}: {_changed(change)}" for one in raised for change in one.changes]
        files = {one.source.file.absolute: one.path for one in raised if one.source is not None}
        self.made += commit(files, lambda paths: bounds_message(changes, paths))


def _read_again(session: Session) -> Workspace:
    """The same files, as they are on disk by now."""
    from trueup.check import Workspace
    from trueup.discovery import discover_with_project

    scope = discover_with_project(session.targets, session.configs)
    fresh = Workspace(session.configs, scope.files, scope.around, jobs=session.jobs, cache=session.cache)
    fresh.know(session.rules)
    return fresh


def write_reports(session: Session, outcome: Outcome, wishes: Wishes, commits: Sequence[str], stopped: str) -> None:
    """Write the reports that were asked for."""
    from pathlib import Path

    from trueup.environment import environment
    from trueup.migrate.account import account
    from trueup.migrate.reports import text_of, write

    configs, root = session.configs, Path(session.configs.root)
    known = account(
        outcome,
        session.rules,
        dry=wishes.dry,
        files=session.workspace.files,
        problems=session.checked.problems,
        targets=session.targets,
        configs=configs,
        site_packages=environment(root, [root / path for path in configs.for_folder(configs.root).python_path]),
        commits=commits,
        stopped=stopped.partition("\n")[0],
    )
    for path in wishes.reports:
        if reason := write(path, text_of(path, known)):
            session.fail(f"{path}: is not written: {reason}")
        else:
            session.terminal.note(f"wrote {path}")


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


def _changed(change: Change) -> str:
    return f"{change.old} -> {change.new}" if change.old else f"new: {change.new}"


def shown(path: str, cwd: str) -> str:
    """A path as people see it: relative where it is below the working directory."""
    return path.removeprefix(cwd.rstrip("/") + "/")


def tell(session: Session, outcome: Outcome, wishes: Wishes, commits: Sequence[str], *, stopped: bool) -> None:
    """Print the report: to stdout, or to stderr where a patch has that."""
    terminal = session.terminal
    verbose = terminal.verbose > 0
    paint = terminal.error_paint if wishes.diff else terminal.paint
    parts = [
        report.plan(outcome, session.rules, paint, verbose=verbose)
        if wishes.plan
        else report.done(outcome, paint, verbose=verbose),
        report.dependencies(outcome, paint),
        report.undecided(outcome, session.rules, paint, verbose=verbose),
        report.noticed(outcome, session.rules, paint),
        report.left(outcome, session.rules, paint),
        to_async.lines(outcome.to_async, paint, verbose=verbose),
        report.committed(commits, paint),
        [] if stopped else [report.totals(outcome, dry=wishes.dry)],
    ]
    text = "\n".join("".join(line + "\n" for line in lines) for lines in parts if lines)
    if not terminal.quiet:
        terminal.results([text], to_stderr=wishes.diff, text=True)
