"""`trueup explain`: a rule's page."""

from __future__ import annotations

import re
import sys
from typing import Annotated

import typer

from .options import Color, ColorOption, complete_rules, option
from .rules import Format, RulesFormat

_RUFFS = re.compile(r"(?!TU)[A-Z]{1,4}[0-9]{3,4}")
"""How codes of ruff look, whose findings may stand among trueup's."""


def explain(
    wanted: Annotated[list[str] | None, typer.Argument(metavar="[CODE|NAME]...", autocompletion=complete_rules)] = None,
    every: Annotated[bool, option("--all", help="Every rule's page.")] = False,
    output_format: RulesFormat = Format.TEXT,
    color: ColorOption = Color.AUTO,
) -> int:
    """Say what a rule finds, why it matters, and what its fix does."""
    from trueup.model import Rule
    from trueup.report import pages
    from trueup.selectors import nearest_rule

    from .session import told_rules
    from .terminal import Terminal

    terminal = Terminal(color)
    known = told_rules()
    found: list[Rule] = list(known.values()) if every else []
    for name in wanted or ():
        rule = pages.find(name, known)
        if rule is None:
            others = f"; if it is ruff's, `ruff rule {name}` tells of it" if _RUFFS.fullmatch(name) else ""
            terminal.fault(f"no rule is called `{name}`{nearest_rule(name, known)}{others}")
            return 2
        if rule not in found:
            found.append(rule)
    if not found:
        terminal.fault("name a rule by its code or name, or give --all; `trueup rules` lists them")
        return 2
    if output_format is Format.JSON:
        from trueup.report import data

        terminal.results(data.array(map(pages.as_dict, found)))
    elif sys.stdout.isatty() and terminal.paint.on:
        from rich.console import Console
        from rich.markdown import Markdown

        Console(force_terminal=True).print(*(Markdown(pages.page(rule)) for rule in found))
    else:
        terminal.results(["\n".join(map(pages.page, found))])
    return 0
