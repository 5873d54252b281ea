"""`trueup version` and `trueup bug-report`: what runs here, and what belongs into a report."""

from __future__ import annotations

import typer

from .options import Color, ColorOption, ConfigFiles, Isolated, Verbose
from .rules import Format, RulesFormat


def version(
    output_format: RulesFormat = Format.TEXT,
    verbose: Verbose = 0,
    color: ColorOption = Color.AUTO,
) -> int:
    """Print the version; with -v also what a bug report needs."""
    from trueup import __version__

    from .terminal import Terminal

    if verbose:
        return bug_report(".", color=color)
    terminal = Terminal(color)
    if output_format is Format.JSON:
        from trueup.report import data

        terminal.results(data.array([{"trueup": __version__, **dict(_runs())}]))
    else:
        terminal.results([f"trueup {__version__}\n"])
    return 0


def bug_report(
    folder: str = typer.Argument(".", metavar="[PATH]", help="The project in which it went wrong."),
    config: ConfigFiles = None,
    isolated: Isolated = False,
    color: ColorOption = Color.AUTO,
) -> int:
    """Print what belongs into a report of a bug: versions, platform and settings, and no code."""
    import os

    from trueup import __version__
    from trueup.config import CliOptions, ConfigError, Configs
    from trueup.report import settings, targets
    from trueup.report.screen import escape

    from .session import told_rules
    from .terminal import Terminal

    terminal = Terminal(color)
    home = os.path.expanduser("~")
    lines = [f"trueup {__version__}\n", *(f"{name} {value}\n" for name, value in _runs())]
    lines += [f"{name} is set\n" for name in sorted(os.environ) if name.startswith("TRUEUP_")]
    try:
        configs = Configs.load([folder], CliOptions(config=tuple(config or ()), isolated=isolated))
        found = configs.for_folder(configs.root)
        lines += ["\n", escape(f"project {configs.root}, settings of {found.origin}") + "\n"]
        lines += settings.lines(settings.rows(found.tables), terminal.paint, configs.cwd)
        lines += ["\n", *targets.lines(found, told_rules(), terminal.paint, configs.cwd)]
    except ConfigError as error:
        lines += ["\n", f"{escape(str(error))}\n"]
    terminal.results([line.replace(home, "~") if len(home) > 1 else line for line in lines])
    return 0


def _runs() -> list[tuple[str, str]]:
    """Python, the platform, and trueup's dependencies and extras, each with its version."""
    import platform
    import sys
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    found = [("python", sys.version.split()[0]), ("platform", platform.platform())]
    for name in ("libcst", "typer", "rich", "ruff", "pygls", "watchfiles", "pylint", "astroid"):
        try:
            found.append((name, installed(name)))
        except PackageNotFoundError:
            found.append((name, "-"))
    return found
