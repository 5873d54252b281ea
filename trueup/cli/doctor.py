"""`trueup doctor`: whether all that trueup works with is there, and set up so that it can."""

from __future__ import annotations

import typer

from .options import CacheDir, Color, ColorOption, ConfigFiles, Isolated


def doctor(
    folder: str = typer.Argument(".", metavar="[PATH]", help="The project; default: this folder."),
    config: ConfigFiles = None,
    isolated: Isolated = False,
    cache_dir: CacheDir = None,
    color: ColorOption = Color.AUTO,
) -> int:
    """Look at settings, the environment, plugins, ruff, pylint, git and the cache; exit code 1 if one is at fault."""
    import os

    from trueup.config import CliOptions
    from trueup.report.screen import cells, escape

    from .health import BAD, examine
    from .terminal import Terminal

    terminal = Terminal(color)
    if not os.path.isdir(folder):
        terminal.fault(f"{folder}: there is no such folder")
        return 2
    looks = {"ok": (32,), "-": (2,), BAD: (1, 31)}
    found = list(examine(folder, CliOptions(config=tuple(config or ()), isolated=isolated), cache_dir))
    width = max(cells(one.subject) for one in found)
    terminal.results(
        f"{terminal.paint(f'{one.mark:<3}', *looks[one.mark])}  {one.subject.ljust(width)}  {escape(one.said)}\n"
        for one in found
    )
    return int(any(one.mark == BAD for one in found))
