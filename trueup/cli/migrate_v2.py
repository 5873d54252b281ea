"""`trueup migrate-v2`: the whole migration to Pydantic 2 and SQLAlchemy 2, in place."""

from __future__ import annotations

import os
from typing import Annotated

from .options import (
    TIMEOUT,
    App,
    CacheDir,
    Color,
    ColorOption,
    ConfigFiles,
    Isolated,
    Jobs,
    NoCache,
    NoProgress,
    Paths,
    Python,
    PythonBefore,
    Quiet,
    Silent,
    SkipModule,
    Timeout,
    Verbose,
    cores,
    option,
    split,
)


def migrate_v2(
    paths: Paths = None,
    diff: Annotated[bool, option("--diff", help="Write nothing; print the patch. Exit 1 if there is one.")] = False,
    plan: Annotated[
        bool, option("--plan", help="Write nothing; print what each step would do. Exit 1 if anything.")
    ] = False,
    step: Annotated[list[str] | None, option("--step", metavar="NAME", help="Only this step (repeatable).")] = None,
    skip: Annotated[list[str] | None, option("--skip", metavar="NAME", help="Not this step (repeatable).")] = None,
    list_steps: Annotated[bool, option("--list-steps", help="List the steps in their order.")] = False,
    unsafe_fixes: Annotated[
        bool, option("--unsafe-fixes", help="Apply fixes that may change behaviour too, which is the default.")
    ] = False,
    safe_only: Annotated[bool, option("--safe-only", help="Hold back fixes that may change behaviour.")] = False,
    commit: Annotated[bool, option("--commit", help="Make one git commit a step; needs a clean work tree.")] = False,
    markers: Annotated[
        bool, option("--markers", help="Write `# TODO(trueup CODE): ...` where a person must act; take out old ones.")
    ] = False,
    reports: Annotated[
        list[str] | None,
        option("--report", metavar="FILE", help="Write a report: FILE.html, FILE.md or FILE.json (repeatable)."),
    ] = None,
    verify: Annotated[
        bool,
        option(
            "--verify",
            help="RUN the program (its modules are imported) before the first step and after each; "
            "take back steps that make something worse.",
        ),
    ] = False,
    app: App = None,
    python: Python = None,
    python_before: PythonBefore = None,
    skip_module: SkipModule = None,
    timeout: Timeout = TIMEOUT,
    allow_dirty: Annotated[bool, option("--allow-dirty", help="Go on over uncommitted changes.")] = False,
    allow_no_vcs: Annotated[bool, option("--allow-no-vcs", help="Go on outside a git work tree.")] = False,
    config: ConfigFiles = None,
    isolated: Isolated = False,
    jobs: Jobs = None,
    no_cache: NoCache = False,
    cache_dir: CacheDir = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
    silent: Silent = False,
    no_progress: NoProgress = False,
    color: ColorOption = Color.AUTO,
) -> int:
    """Migrate a project in place, step by step, and say what was done and what is left.

    Exit codes: 0 nothing is left, 1 --diff or --plan found work, 2 refused or failed, 3 done but a person must go on,
    4 a step was taken back. Places where no type could be told are listed as undecided and do not change the exit code.
    """
    from trueup.config import CliOptions, ConfigError
    from trueup.migrate import bounds, guard, report, steps
    from trueup.migrate.reports import WrongReport, ensure_writable

    from .migrating import Wishes, migrate
    from .session import Cached, Session, all_rules
    from .terminal import Terminal

    terminal = Terminal(color, quiet, silent, verbose, no_progress)
    if list_steps:
        terminal.results(line + "\n" for line in report.step_list(all_rules().values(), terminal.paint))
        return 0
    targets = paths or ["."]
    for path in targets:
        if not os.path.exists(path):
            terminal.fault(f"{path}: does not exist")
            return 2
    wishes = Wishes(diff, plan, safe_only, commit, markers, tuple(reports or ()))
    if unsafe_fixes and safe_only:
        terminal.fault("--unsafe-fixes and --safe-only contradict each other")
        return 2
    if commit and (wishes.dry or allow_dirty or allow_no_vcs):
        terminal.fault(
            "--commit writes, and commits nothing but what trueup changed: "
            "it does not go with --diff, --plan, --allow-dirty or --allow-no-vcs"
        )
        return 2
    if verify and wishes.dry:
        terminal.fault("--verify looks at what was written: it does not go with --diff or --plan")
        return 2
    if app is not None and not verify:
        terminal.note("--app is of no account without --verify")
    # The steps say which rules run; what `check` is to leave out has no say in it, `unfixable` has.
    options = CliOptions(
        config=tuple(config or ()), isolated=isolated, select=("ALL",), force_exclude=True, any_version=True
    )
    try:
        ensure_writable(wishes.reports)
        chosen = steps.choose(split(step) or (), split(skip) or ())
        session = Session.open(terminal, targets, options, jobs=cores(jobs), cache=Cached(no_cache, cache_dir))
        session.report_problems()
        if not wishes.dry:
            named = [*targets, *bounds.manifests(session.workspace, session.configs.root)]
            guard.ensure_recoverable(named, allow_dirty=allow_dirty, allow_no_vcs=allow_no_vcs, strictly=commit)
            if commit:
                from trueup.migrate.commits import ensure_can_commit

                ensure_can_commit(named)
        verifying = None
        if verify:
            from .verify import Wanted
            from .verifying import Verifying, folder_of

            wanted = Wanted(app, None, tuple(skip_module or ()), timeout)
            folder = folder_of(targets, session.configs.root)
            verifying = Verifying(terminal, folder, chosen, wanted, python, python_before)
        code = migrate(session, chosen, wishes._replace(judge=verifying))
        if verifying is not None and not quiet:
            terminal.results("".join(f"{line}\n" for line in ["", *verifying.lines()]))
        return code
    except (steps.UnknownStep, guard.Refused, WrongReport, ConfigError) as refusal:
        terminal.fault(str(refusal))
        return 2
