"""`trueup verify`: run a program as it was and as it is, and say in what the two differ."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from .options import (
    TIMEOUT,
    App,
    Color,
    ColorOption,
    Python,
    PythonBefore,
    Quiet,
    Silent,
    SkipModule,
    Timeout,
    Verbose,
    option,
)
from .rules import Format, RulesFormat

if TYPE_CHECKING:
    from trueup.verify.program import Program
    from trueup.verify.report import Side

    from .terminal import Terminal

SAME, DIFFERENT, FAILED = range(3)


def verify(
    folder: Annotated[
        str, typer.Argument(metavar="[FOLDER]", help="The folder the program runs in; default: this one.")
    ] = ".",
    before: Annotated[
        str,
        option("--before", metavar="REF|DIR", help="What to compare with: a commit, or a folder with the old program."),
    ] = "HEAD",
    app: App = None,
    cmd: Annotated[
        str | None, option("--cmd", metavar="COMMAND", help="Run on both sides; the exit codes must be equal.")
    ] = None,
    python: Python = None,
    python_before: PythonBefore = None,
    skip_module: SkipModule = None,
    timeout: Timeout = TIMEOUT,
    output_format: RulesFormat = Format.TEXT,
    verbose: Verbose = 0,
    quiet: Quiet = False,
    silent: Silent = False,
    color: ColorOption = Color.AUTO,
) -> int:
    """Run a program as it was and as it is, and compare.

    THIS EXECUTES THE PROGRAM: its modules are imported, by its own interpreter, and with them everything runs that
    stands at their top level; the rest of trueup never does that. Compared are: the modules that can be imported, the
    tables in the dialects of SQLite, PostgreSQL and MySQL, the mappings of classes, the JSON schemas of models, with
    --app the OpenAPI document, and with --cmd how a command ends. Tests, scripts and migrations are not imported.

    Exit codes: 0 nothing differs, 1 something does, 2 the program could not be run, or not be imported before.
    """
    from trueup.config import ConfigError
    from trueup.verify.checkout import NoSuchCommit
    from trueup.verify.process import CannotRun

    from .terminal import Terminal

    terminal = Terminal(color, quiet, silent, verbose)
    wanted = Wanted(app, cmd, tuple(skip_module or ()), timeout)
    try:
        with ExitStack() as stack:
            old, new = _programs(stack, folder, before, python, python_before, wanted)
            return _compare(terminal, old, new, wanted, as_json=output_format is Format.JSON)
    except (CannotRun, ConfigError, NoSuchCommit, OSError) as error:
        terminal.fault(str(error))
        return FAILED


class Wanted(NamedTuple):
    """What to run and for how long."""

    app: str | None
    cmd: str | None
    skip: tuple[str, ...]
    timeout: float


class Named(NamedTuple):
    """A program, and what the user calls it."""

    shown: str
    program: Program


def _programs(
    stack: ExitStack, folder: str, before: str, python: str | None, python_before: str | None, wanted: Wanted
) -> tuple[Named, Named]:
    """The program as it was and as it is; what is written for the first goes when the stack is closed."""
    from trueup.verify.checkout import checkout
    from trueup.verify.program import interpreter, program

    here = os.path.realpath(folder)
    if not os.path.isdir(here):
        raise NotADirectoryError(f"{folder}: there is no such folder")
    now = interpreter(python, here)
    if os.path.isdir(before):
        there, shown = os.path.realpath(before), before
        then = interpreter(python_before, there) if python_before else interpreter(None, there, fallback=now)
    else:
        made = stack.enter_context(checkout(before, here))
        there, shown = made.folder, f"{before} ({made.commit})"
        then = interpreter(python_before) if python_before else now
    return Named(shown, program(there, then, wanted.skip)), Named(folder, program(here, now, wanted.skip))


def _compare(terminal: Terminal, old: Named, new: Named, wanted: Wanted, *, as_json: bool) -> int:
    from trueup.report.screen import escape
    from trueup.verify import report
    from trueup.verify.command import Ran, run_command
    from trueup.verify.compare import Kind, by_reason, compare

    before = _looked_at(terminal, "before", old, wanted)
    if not before.state.imported:
        reasons = by_reason(before.state.failed)
        why = next(iter(reasons), "there is none")
        terminal.fault(
            f"nothing can be compared: no module of {old.program.folder} could be imported by {old.program.python}: "
            f"{why}; --python-before names the environment with what it needs"
        )
        return FAILED
    after = _looked_at(terminal, "after", new, wanted)
    found = compare(before.state, after.state)
    ran = None
    if wanted.cmd is not None:
        ended = []
        for one in (old, new):
            terminal.note(f"running `{escape(wanted.cmd)}` in {escape(one.program.folder)}")
            ended.append(run_command(wanted.cmd, one.program, wanted.timeout))
        ran = Ran(wanted.cmd, *ended)
        found.compared[Kind.COMMAND].append(wanted.cmd)
        difference = ran.difference()
        if difference is not None:
            found.differences.append(difference)
        if ran.before.code != 0:
            found.notes.append(f"`{wanted.cmd}` did not succeed before: {ran.before.how}")
    if as_json:
        terminal.results([report.as_json(before, after, found, ran)])
    else:
        lines = report.as_text(before, after, found, ran, terminal.paint, verbose=terminal.verbose > 0)
        terminal.results((line + "\n" for line in lines), text=True)
    if wanted.app is not None and before.state.openapi is None:
        why = before.state.unknown.get("openapi", "it has none")
        terminal.fault(f"--app {wanted.app}: could not be asked before, so OpenAPI is not compared: {why}")
        return FAILED
    return DIFFERENT if found.differences else SAME


def _looked_at(terminal: Terminal, name: str, one: Named, wanted: Wanted) -> Side:
    from trueup.report.screen import escape
    from trueup.report.text import plural
    from trueup.verify.looking import look
    from trueup.verify.report import Side

    program = one.program
    modules = plural(len(program.modules), "module")
    terminal.note(f"{name}: importing {modules} in {escape(program.folder)} by {escape(program.python)}")
    state = look(program, wanted.app, wanted.timeout)
    if terminal.verbose > 1 and state.said:
        terminal.note("what it printed:", *(f"    {escape(line)}" for line in state.said.splitlines()))
    return Side(one.shown, program, state)
