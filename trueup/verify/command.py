"""A command of the user's, the tests say, run on both sides."""

from __future__ import annotations

import os
import shlex
import shutil
from dataclasses import dataclass

from .compare import Difference, Kind
from .process import CannotRun, Ended, run
from .program import Program


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended on both sides."""

    command: str
    before: Ended
    after: Ended

    def difference(self) -> Difference | None:
        """What is not as it was, if anything is; a command that failed before and does so still is the same."""
        if self.before.code == self.after.code:
            return None
        words = [one.how + (f": {last}" if (last := _last_line(one)) else "") for one in (self.before, self.after)]
        return Difference(Kind.COMMAND, "", self.command, "", *words)


def run_command(command: str, program: Program, timeout: float) -> Ended:
    """Run a command in a program's folder, with its interpreter and modules before all others; no shell is involved.

    Raises CannotRun: it is no command, or there is none of that name.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise CannotRun(f"--cmd: {error}") from None
    if not words:
        raise CannotRun("--cmd: it is empty")
    variables = program.variables(with_roots=True)
    found = words[0] if os.sep in words[0] else shutil.which(words[0], path=variables["PATH"])
    if found is None:
        raise CannotRun(f"--cmd: there is no `{words[0]}` beside {program.python}, nor on the PATH")
    return run([found, *words[1:]], program.folder, variables, timeout)


def _last_line(ended: Ended) -> str:
    lines = [line.strip() for line in ended.said.splitlines() if line.strip()]
    return lines[-1] if lines else ""
