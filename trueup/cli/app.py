"""Which commands there are, and how one is run."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Annotated

import typer
from typer._click.core import Command
from typer._click.exceptions import ClickException, UsageError
from typer._click.types import StringParamType

from trueup import __version__

_COMMANDS = {
    "check": "check",
    "migrate-v2": "migrate_v2",
    "verify": "verify",
    "rules": "rules",
    "explain": "explain",
    "config": "config",
    "init": "init",
    "layers": "layers",
    "server": "server",
    "clean": "clean",
    "doctor": "doctor",
    "version": "version",
    "bug-report": "version",
    "baseline": "baseline",
}
"""Command -> the module that has its function, or `build` where it is a group of commands."""


def _version(asked: bool) -> None:
    if asked:
        print(f"trueup {__version__}")
        raise typer.Exit


def trueup(
    plain: Annotated[
        bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Linter and codemod for Python backends on FastAPI, Pydantic v2 and SQLAlchemy 2."""


def build(names: Iterable[str] = tuple(_COMMANDS)) -> typer.Typer:
    """The application with some commands; help is plain text, because importing rich costs 0.2 s."""
    app = typer.Typer(
        name="trueup",
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
    )
    app.callback()(trueup)
    for name in names:
        module = import_module(f".{_COMMANDS[name]}", __package__)
        if hasattr(module, "build"):
            app.add_typer(module.build(), name=name)
        else:
            app.command(name)(getattr(module, name.replace("-", "_")))
    return app


def run(args: Sequence[str]) -> int:
    """Run the command that the arguments name and return its exit code; a wrong argument is explained and 2."""
    if "_TRUEUP_COMPLETE" in os.environ:
        build()(args=args, prog_name="trueup")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a message may hold what the terminal's encoding lacks
    try:
        args = _with_values(_with_files(args))
        # The one that is asked for is made alone: the options of all the others would take 0.02 s.
        command = typer.main.get_command(build(args[:1] if args and args[0] in _COMMANDS else _COMMANDS))
        _keep_blanks(command)
        with command.make_context("trueup", args) as context:
            code = command.invoke(context)
    except typer.Exit as end:
        return end.exit_code
    except ClickException as error:
        error.show()
        return error.exit_code
    return code if isinstance(code, int) else 0


class _Line(StringParamType):
    """A value of which a variable of the environment may hold several, each on a line: they may hold blanks."""

    def split_envvar_value(self, rv: str) -> list[str]:
        """The lines, empty ones left out."""
        return [line for line in rv.splitlines() if line.strip()]


def _keep_blanks(command: Command) -> None:
    for one in command.params:
        if getattr(one, "multiple", False) and isinstance(one.type, StringParamType):
            one.type = _Line()
    for inner in getattr(command, "commands", {}).values():
        _keep_blanks(inner)


_ALONE = {"--statistics": "rule", "--add-ignore": ""}
"""Options whose value may be left out, and what is meant then."""


APART = {"--statistics": ("rule", "file", "owner")}
"""Those of them whose value may also follow as an argument of its own, where no file is called like it."""


def _with_values(args: Sequence[str]) -> list[str]:
    """The arguments, each option that may stand alone with its value."""
    result: list[str] = []
    rest = iter(args)
    for arg in rest:
        if arg not in _ALONE:
            result.append(arg)
            continue
        following = next(rest, None)
        if following in APART.get(arg, ()) and not os.path.lexists(str(following)):
            result.append(f"{arg}={following}")
        else:
            result.append(f"{arg}={_ALONE[arg]}")
            result += _with_values([following, *rest]) if following is not None else []
    return result


def _with_files(args: Sequence[str]) -> list[str]:
    """The arguments, each `@file` replaced by the lines of that file."""
    result: list[str] = []
    for arg in args:
        if len(arg) > 1 and arg.startswith("@"):
            try:
                with open(arg[1:], encoding="utf-8", errors="surrogateescape") as lines:
                    result += [line for line in lines.read().splitlines() if line]
            except OSError as error:
                raise UsageError(f"{arg}: {error.strerror}") from None
        else:
            result.append(arg)
    return result
