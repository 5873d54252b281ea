"""The options that several commands share, and how their values are split."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any

import typer


class Color(StrEnum):
    """When to colour."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


def option(name: str, *short: str, help: str, **settings: Any) -> Any:  # noqa: A002 -- typer's own word
    """An option `--name`, which the environment can set too as TRUEUP_NAME."""
    variable = "TRUEUP_" + name.removeprefix("--").replace("-", "_").upper()
    return typer.Option(name, *short, help=help, envvar=variable, show_envvar=False, **settings)


Paths = Annotated[
    list[str] | None,
    typer.Argument(metavar="[PATHS]...", help="Files and folders; default `.`; `@file` = one argument per line."),
]
ConfigFiles = Annotated[
    list[str] | None,
    option("--config", metavar="PATH|KEY=VALUE", help="A configuration file, or one setting in TOML (repeatable)."),
]
Isolated = Annotated[bool, option("--isolated", help="Read no configuration file.")]
Jobs = Annotated[int | None, option("--jobs", "-j", min=1, metavar="N", help="Processes; default: one a core.")]
NoCache = Annotated[bool, option("--no-cache", help="Neither read nor write the cache.")]
CacheDir = Annotated[str | None, option("--cache-dir", metavar="PATH", help="Default: `.trueup_cache` at the root.")]
Verbose = Annotated[
    int, option("--verbose", "-v", count=True, show_default=False, help="Say more; -vv shows tracebacks.")
]
Quiet = Annotated[bool, option("--quiet", "-q", help="Print findings and faults only.")]
Silent = Annotated[bool, option("--silent", "-s", help="Print nothing but faults.")]
NoProgress = Annotated[bool, option("--no-progress", help="No progress bar on the terminal.")]
ColorOption = Annotated[Color, option("--color", help="Colour the output.")]


App = Annotated[
    str | None, option("--app", metavar="MODULE:NAME", help="Compare the OpenAPI of this app too; NAME() is called.")
]
Python = Annotated[
    str | None,
    option("--python", metavar="PATH", help="Interpreter or virtual environment of the program; default: its .venv."),
]
PythonBefore = Annotated[
    str | None,
    option("--python-before", metavar="PATH", help="The same for the program as it was: its old libraries."),
]
SkipModule = Annotated[
    list[str] | None, option("--skip-module", metavar="PATTERN", help="Modules not to import (repeatable).")
]
Timeout = Annotated[float, option("--timeout", metavar="SECONDS", min=1, help="For each run of the program.")]
TIMEOUT = 300.0
"""Seconds: a large program needs one for importing, and its tests some more."""


def complete_rules(incomplete: str) -> list[str]:
    """What a shell offers for a list of rules of which the last is being written: codes, families and names."""
    from .session import told_rules

    before, comma, last = incomplete.rpartition(",")
    known = told_rules().values()
    words = dict.fromkeys([*(rule.family for rule in known), *(r.code for r in known), *(r.name for r in known)])
    return [f"{before}{comma}{word}" for word in words if word.casefold().startswith(last.casefold())]


def rules_option(name: str, *, help: str) -> Any:  # noqa: A002 -- typer's own word
    """An option whose value names rules."""
    return option(name, help=help, metavar="RULES", autocompletion=complete_rules)


def split(values: Iterable[str] | None, at: str = ", ") -> tuple[str, ...] | None:
    """`["A,B", "C"]` -> `("A", "B", "C")`; None when the option was not given. `at`: the characters between parts."""
    if values is None:
        return None
    parts = (part.strip() for value in values for part in re.split(f"[{at}]", value))
    return tuple(part for part in parts if part)


def cores(jobs: int | None) -> int:
    """How many processes to use: what was asked for, else the cores this process may run on."""
    if jobs is not None:
        return jobs
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
