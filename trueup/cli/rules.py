"""`trueup rules`: the rules there are."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from .options import Color, ColorOption


class Format(StrEnum):
    """How to print rules."""

    TEXT = "text"
    JSON = "json"


RulesFormat = Annotated[
    Format,
    typer.Option("--output-format", envvar="TRUEUP_RULES_OUTPUT_FORMAT", show_envvar=False, help="text or JSON."),
]


def rules(
    output_format: RulesFormat = Format.TEXT,
    color: ColorOption = Color.AUTO,
) -> int:
    """List every rule: code, name, severity, fix, and what it finds."""
    import shutil

    from trueup.report import pages

    from .session import told_rules
    from .terminal import Terminal

    terminal = Terminal(color)
    known = told_rules().values()
    if output_format is Format.JSON:
        from trueup.report import data

        terminal.results(data.array(map(pages.as_dict, known)))
    else:
        # Whoever pipes the table wants to search it: nothing is cut off there.
        width = shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else 1000
        terminal.results([pages.table(known, terminal.paint, width)])
    return 0
