"""`trueup check`: find what is not true to the stack, and repair it on request."""

# Without the import of `annotations`: typer would compile each of the texts twice, at every start.
import os
import sys
from enum import StrEnum
from typing import Annotated

from .options import (
    CacheDir,
    Color,
    ColorOption,
    ConfigFiles,
    Isolated,
    Jobs,
    NoCache,
    NoProgress,
    Paths,
    Quiet,
    Silent,
    Verbose,
    cores,
    option,
    rules_option,
    split,
)
from .output import Format, outputs


class By(StrEnum):
    """What statistics count by."""

    RULE = "rule"
    FILE = "file"
    OWNER = "owner"


def check(
    paths: Paths = None,
    fix: Annotated[bool, option("--fix", help="Apply safe fixes.")] = False,
    unsafe_fixes: Annotated[bool, option("--unsafe-fixes", help="Count and apply unsafe fixes too.")] = False,
    fix_only: Annotated[bool, option("--fix-only", help="Apply safe fixes, report nothing that is left.")] = False,
    interactive: Annotated[bool, option("--interactive", help="Show each fix and ask whether to apply it.")] = False,
    watch: Annotated[bool, option("--watch", help="Check again whenever a file changes.")] = False,
    diff: Annotated[bool, option("--diff", help="Print what --fix would change, write nothing.")] = False,
    select: Annotated[
        list[str] | None,
        rules_option("--select", help="Codes, prefixes, names or ALL, with commas."),
    ] = None,
    ignore: Annotated[list[str] | None, rules_option("--ignore", help="Rules to leave out.")] = None,
    extend_select: Annotated[
        list[str] | None,
        rules_option("--extend-select", help="Rules to add."),
    ] = None,
    fixable: Annotated[
        list[str] | None,
        rules_option("--fixable", help="Only these may be repaired."),
    ] = None,
    unfixable: Annotated[
        list[str] | None,
        rules_option("--unfixable", help="These may not be repaired."),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        option("--exclude", metavar="PATTERNS", help="Files and folders to leave out, instead of the default list."),
    ] = None,
    extend_exclude: Annotated[
        list[str] | None, option("--extend-exclude", metavar="PATTERNS", help="Files and folders to leave out too.")
    ] = None,
    output_format: Annotated[
        Format | None, option("--output-format", help="text (the default): full on a terminal, else concise.")
    ] = None,
    output_file: Annotated[
        list[str] | None,
        option("--output-file", "-o", metavar="[FORMAT:]PATH", help="Instead of stdout, which is `-` (repeatable)."),
    ] = None,
    statistics: Annotated[
        By | None,
        option("--statistics", help="Count findings instead of listing them: --statistics=file; alone: by rule."),
    ] = None,
    baseline: Annotated[
        str | None, option("--baseline", metavar="PATH", help="Known findings, which are not reported.")
    ] = None,
    no_baseline: Annotated[bool, option("--no-baseline", help="Report known findings too.")] = False,
    update_baseline: Annotated[bool, option("--update-baseline", help="Make all findings known.")] = False,
    prune_baseline: Annotated[bool, option("--prune-baseline", help="Take out of the baseline what is gone.")] = False,
    error_stale_baseline: Annotated[
        bool, option("--error-stale-baseline", help="End with 1 when the baseline holds what is gone.")
    ] = False,
    since: Annotated[
        str | None, option("--since", metavar="REF", help="Report only what that commit did not have.")
    ] = None,
    preview: Annotated[bool, option("--preview", help="New rules too, which may still change.")] = False,
    exit_zero: Annotated[bool, option("--exit-zero", help="End with 0 even with findings.")] = False,
    exit_non_zero_on_fix: Annotated[
        bool, option("--exit-non-zero-on-fix", help="End with 1 when a file was changed.")
    ] = False,
    error_on_warning: Annotated[bool, option("--error-on-warning", help="End with 1 for warnings too.")] = False,
    add_ignore: Annotated[
        str | None,
        option("--add-ignore", metavar="[REASON]", help="Hide what is found by comments; --add-ignore='our reason'."),
    ] = None,
    ignore_suppressions: Annotated[bool, option("--ignore-suppressions", help="Heed no ignore comment.")] = False,
    sarif_fingerprints: Annotated[
        bool, option("--sarif-fingerprints", help="In SARIF also GitHub's own, for uploads without its action.")
    ] = False,
    force_exclude: Annotated[
        bool, option("--force-exclude", help="Leave out excluded files even when they are named here, as hooks do.")
    ] = False,
    stdin_filename: Annotated[
        str | None, option("--stdin-filename", metavar="PATH", help="What `-` is called.")
    ] = None,
    config: ConfigFiles = None,
    isolated: Isolated = False,
    jobs: Jobs = None,
    no_cache: NoCache = False,
    cache_dir: CacheDir = None,
    profile: Annotated[
        bool, option("--profile", help="Say on stderr which rules and files take the time; one process, no cache.")
    ] = False,
    verbose: Verbose = 0,
    quiet: Quiet = False,
    silent: Silent = False,
    no_progress: NoProgress = False,
    color: ColorOption = Color.AUTO,
) -> int:
    """Check files, print what was found, and with --fix repair it.

    Exit codes: 0 no errors are left, 1 there are (or a diff), 2 something could not be read or is wrong with the
    options or the configuration.
    """
    from contextlib import AbstractContextManager, nullcontext

    from trueup.config import CliOptions, ConfigError
    from trueup.results import heeding

    from .checking import Wishes, check_buffer, check_files
    from .known import Wanted
    from .session import Cached, Session
    from .terminal import Terminal

    terminal = Terminal(color, quiet, silent, verbose, no_progress)
    options = CliOptions(
        config=tuple(config or ()),
        isolated=isolated,
        select=split(select),
        ignore=split(ignore),
        extend_select=split(extend_select),
        fixable=split(fixable),
        unfixable=split(unfixable),
        exclude=split(exclude, ","),
        extend_exclude=split(extend_exclude, ","),
        force_exclude=force_exclude or None,
        preview=preview or None,
    )
    targets = paths or ["."]
    narrowed = any((
        select, ignore, extend_select, exclude, extend_exclude, diff, ignore_suppressions, since, config
    ))  # fmt: skip
    known = Wanted(
        path=baseline,
        off=no_baseline,
        update=update_baseline,
        prune=prune_baseline,
        error_stale=error_stale_baseline,
        since=since,
        whole=not narrowed and all(map(os.path.isdir, targets)),
    )
    wishes = Wishes(
        fix=fix or fix_only or interactive,
        unsafe=unsafe_fixes,
        diff=diff,
        report_left=not fix_only,
        outputs=outputs(output_format, output_file or (), terminal=sys.stdout.isatty()),
        statistics=statistics.value if statistics is not None else "",
        ignore_suppressions=ignore_suppressions,
        exit_zero=exit_zero,
        exit_non_zero_on_fix=exit_non_zero_on_fix,
        error_on_warning=error_on_warning,
        known=known,
        line_hashes=sarif_fingerprints,
        add_ignore=add_ignore,
        interactive=interactive,
    )
    repairs = wishes.fix or diff or add_ignore is not None
    if "-" in targets and len(targets) > 1:
        terminal.fault("`-` is stdin and stands alone")
        return 2
    if (interactive or watch) and ("-" in targets or diff):
        terminal.fault("--interactive and --watch go neither with --diff nor with stdin")
        return 2
    if interactive and watch:
        terminal.fault("--interactive asks once and --watch never ends: take one of them")
        return 2
    if wishes.statistics and (strange := [one.format for one in wishes.outputs if not one.format.has_counts]):
        terminal.fault(f"--statistics is text or JSON: `{strange[0]}` has no place for counts")
        return 2
    if profile and (repairs or "-" in targets):
        terminal.fault("--profile looks at a check of files: it goes with no option that repairs, nor with stdin")
        return 2
    if add_ignore is not None and (diff or "-" in targets):
        terminal.fault("--add-ignore writes comments into files: it goes neither with --diff nor with stdin")
        return 2
    cache = Cached(no_cache or profile, cache_dir)
    plain = not (repairs or profile)

    def once() -> int:
        try:
            if "-" in targets:
                data = sys.stdin.buffer.read()
                session, source = Session.of_stdin(
                    terminal, stdin_filename, data, options, jobs=cores(jobs), cache=cache
                )
                result = check_buffer(session, wishes, data, source)
            else:
                recall = (heeding(ignore_suppressions),) if plain else None
                measuring: AbstractContextManager[None] = nullcontext()
                processes = 1 if profile else cores(jobs)
                session = Session.open(terminal, targets, options, jobs=processes, cache=cache, recall=recall)
                if profile:
                    from .profiling import profiling

                    measuring = profiling(session)
                with measuring:
                    result = check_files(session, wishes)
        except ConfigError as error:
            terminal.fault(str(error))
            return 2
        return 2 if session.failed else wishes.exit_code(result)

    if watch:
        from .watching import repeat

        return repeat(once, targets, terminal)
    return once()
