"""Which commands there are, and how one is run."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from typer._click.core import Command
from typer._click.exceptions import ClickException, UsageError
from typer._click.types import StringParamType

from trueup import __version__

from . import baseline
from .check import By, check
from .clean import clean
from .config import config
from .doctor import doctor
from .explain import explain
from .init import init
from .layers import layers
from .migrate_v2 import migrate_v2
from .rules import rules
from .server import server
from .verify import verify
from .version import bug_report, version


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


def build() -> typer.Typer:
    """The application with all its commands; help is plain text, because importing rich costs 0.2 s."""
    app = typer.Typer(
        name="trueup",
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
    )
    app.callback()(trueup)
    app.command("check")(check)
    app.command("migrate-v2")(migrate_v2)
    app.command("verify")(verify)
    app.command("rules")(rules)
    app.command("explain")(explain)
    app.command("config")(config)
    app.command("init")(init)
    app.command("layers")(layers)
    app.command("server")(server)
    app.command("clean")(clean)
    app.command("doctor")(doctor)
    app.command("version")(version)
    app.command("bug-report")(bug_report)
    app.add_typer(baseline.build(), name="baseline")
    return app


def run(args: Sequence[str]) -> int:
    """Run the command that the arguments name and return its exit code; a wrong argument is explained and 2."""
    app = build()
    if "_TRUEUP_COMPLETE" in os.environ:
        app(args=args, prog_name="trueup")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a message may hold what the terminal's encoding lacks
    command = typer.main.get_command(app)
    _keep_blanks(command)
    try:
        with command.make_context("trueup", _with_values(_with_files(args))) as context:
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


_APART = {"--statistics": tuple(By)}
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
        if following in _APART.get(arg, ()) and not os.path.lexists(str(following)):
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
