"""`trueup baseline`: keep and look at the findings that are known."""

from __future__ import annotations

import os

import typer

from .check import check
from .options import CacheDir, Color, ColorOption, ConfigFiles, Isolated, Jobs, NoCache, Paths, Quiet


def build() -> typer.Typer:
    """The group of commands."""
    app = typer.Typer(help="Keep the findings that are known and not reported.", no_args_is_help=True)
    app.command("update")(update)
    app.command("prune")(prune)
    app.command("show")(show)
    return app


def update(
    paths: Paths = None,
    config: ConfigFiles = None,
    isolated: Isolated = False,
    jobs: Jobs = None,
    no_cache: NoCache = False,
    cache_dir: CacheDir = None,
    quiet: Quiet = False,
) -> int:
    """Make all findings of today known: `check --update-baseline`."""
    return check(
        paths, update_baseline=True, config=config, isolated=isolated, jobs=jobs, no_cache=no_cache,
        cache_dir=cache_dir, quiet=quiet,
    )  # fmt: skip


def prune(
    paths: Paths = None,
    config: ConfigFiles = None,
    isolated: Isolated = False,
    jobs: Jobs = None,
    no_cache: NoCache = False,
    cache_dir: CacheDir = None,
    quiet: Quiet = False,
) -> int:
    """Take out what is gone, and report nothing: `check --prune-baseline --exit-zero`."""
    return check(
        paths, prune_baseline=True, exit_zero=True, output_file=[os.devnull], config=config, isolated=isolated,
        jobs=jobs, no_cache=no_cache, cache_dir=cache_dir, quiet=quiet,
    )  # fmt: skip


def show(config: ConfigFiles = None, isolated: Isolated = False, color: ColorOption = Color.AUTO) -> int:
    """Count what is known, by file and rule; nothing is checked."""
    from collections import Counter

    from trueup import baseline
    from trueup.config import CliOptions, ConfigError, Configs
    from trueup.report.screen import escape
    from trueup.report.text import plural

    from .terminal import Terminal

    terminal = Terminal(color)
    try:
        configs = Configs.load(["."], CliOptions(config=tuple(config or ()), isolated=isolated))
        root = configs.for_folder(configs.root)
        entries = baseline.load(root.baseline or f"{configs.root.rstrip('/')}/{baseline.FILE}")
    except ConfigError as error:
        terminal.fault(str(error))
        return 2
    lines = []
    for path, some in sorted(entries.items()):
        counts = Counter(one.rule for one in some)
        parts = ", ".join(f"{count} x {code}" for code, count in sorted(counts.items()))
        lines.append(f"{terminal.paint.bold(escape(path))}: {escape(parts)}\n")
    total = sum(map(len, entries.values()))
    lines.append(f"{plural(total, 'finding')} in {plural(len(entries), 'file')}.\n")
    terminal.results(lines)
    return 0
