"""`trueup config`: which settings hold for a file, and where each comes from."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import Color, ColorOption, ConfigFiles, Isolated, option
from .rules import Format, RulesFormat

VERSIONS = "versions"


def config(
    key: Annotated[str | None, typer.Argument(help="One setting, or `versions` of libraries; default: all.")] = None,
    file: Annotated[str, option("--file", metavar="PATH", help="The file or folder they hold for.")] = ".",
    schema: Annotated[bool, option("--schema", help="Print the JSON schema of the settings instead.")] = False,
    output_format: RulesFormat = Format.TEXT,
    config_files: ConfigFiles = None,
    isolated: Isolated = False,
    color: ColorOption = Color.AUTO,
) -> int:
    """Print the settings that hold for a file, each with its origin."""
    import os

    from trueup.config import CliOptions, ConfigError, Configs
    from trueup.globs import absolute
    from trueup.report import settings
    from trueup.selectors import nearest
    from trueup.settings import KEYS

    from .terminal import Terminal

    terminal = Terminal(color)
    if schema:
        terminal.results([settings.schema()])
        return 0
    if key is not None and key not in (*KEYS, VERSIONS):
        terminal.fault(f"there is no setting `{key}`{nearest(key, (*KEYS, VERSIONS))}")
        return 2
    try:
        configs = Configs.load([file], CliOptions(config=tuple(config_files or ()), isolated=isolated))
        where = absolute(file, configs.cwd)
        found = configs.for_folder(where) if os.path.isdir(where) else configs.for_file(where)
    except ConfigError as error:
        terminal.fault(str(error))
        return 2
    if key == VERSIONS:
        from trueup.report import targets

        from .session import told_rules

        known = told_rules()
        if output_format is Format.JSON:
            from trueup.report import data

            terminal.results(data.array(targets.as_dicts(found, known)))
        else:
            terminal.results(targets.lines(found, known, terminal.paint, configs.cwd))
        return 0
    rows = [row for row in settings.rows(found.tables) if key in (None, row.key)]
    if output_format is Format.JSON:
        from trueup.report import data

        terminal.results(data.array(settings.as_dicts(rows)))
    else:
        terminal.results(settings.lines(rows, terminal.paint, configs.cwd))
        missing = [one for one in KEYS if one not in {row.key for row in rows}]
        if key is None:
            terminal.note(f"Not set: {', '.join(missing)}.", "`trueup config KEY` says what holds then.")
        elif key in missing:
            terminal.note(f"`{key}` is not set; what holds then: {settings.UNSAID.get(key, 'nothing more')}")
    return 0
