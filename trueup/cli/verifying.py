"""`migrate-v2 --verify`: the program is looked at before the first step and after each one that wrote something."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from trueup.migrate.guard import Refused
from trueup.report.screen import escape
from trueup.report.text import plural
from trueup.verify.compare import Difference, by_reason
from trueup.verify.judging import Judging, briefly
from trueup.verify.looking import State, look
from trueup.verify.process import CannotRun
from trueup.verify.program import interpreter, program
from trueup.verify.report import differences

if TYPE_CHECKING:
    from trueup.migrate.run import StepDone
    from trueup.migrate.steps import Step

    from .terminal import Terminal
    from .verify import Wanted

_NEEDED = {"pydantic": ("Pydantic", 2), "sqlalchemy": ("SQLAlchemy", 2)}
"""Library of a step -> its name, and the version that the step writes code for."""


class Verifying:
    """Says of each step whether the program still is what it was; `run` takes back those of which it says why not."""

    def __init__(
        self,
        terminal: Terminal,
        folder: str,
        steps: Sequence[Step],
        wanted: Wanted,
        python: str | None,
        python_before: str | None,
    ) -> None:
        """Take what the options say. Raises Refused for an interpreter that is not there."""
        self.terminal = terminal
        self.folder = folder
        self.steps = steps
        self.wanted = wanted
        try:
            self.python = interpreter(python, folder)
            self.python_before = interpreter(python_before) if python_before is not None else None
        except FileNotFoundError as error:
            raise Refused(str(error)) from None
        self._judging: Judging | None = None
        self._wrong: list[tuple[Step, list[Difference]]] = []
        self._stood: list[str] = []

    def __call__(self, done: StepDone | None) -> str:
        """Why a step is to be taken back; empty if it may stay. None: before the first one. Raises Refused then."""
        if done is None:
            self._begin()
            return ""
        assert self._judging is not None
        try:
            now = self._look(self.python)
        except CannotRun as error:
            self._wrong.append((done.step, []))
            return f"the program could not be verified: {error}"
        models_stay = done.step.prepares or done.step.library != "pydantic"
        wrong = self._judging.judge(now, models_stay=models_stay)
        if not wrong:
            self._stood.append(done.step.name)
            return ""
        self._wrong.append((done.step, wrong))
        return briefly(wrong)

    def _begin(self) -> None:
        first = None
        try:
            if self.python_before is not None:
                self._announce("before the first step", self.python_before)
                first = self._look(self.python_before)
                if not first.imported:
                    why = next(iter(by_reason(first.failed)), "it has none")
                    raise Refused(f"--verify: {self.python_before} can import no module of the project: {why}")
            self._announce("before the first step, and after each", self.python)
            last = self._look(self.python)
        except CannotRun as error:
            raise Refused(f"--verify: {error}") from None
        for step in self.steps:
            if step.library in _NEEDED and not step.prepares:
                self._ensure_new(step, last)
        self._judging = Judging(last, first)

    def _ensure_new(self, step: Step, state: State) -> None:
        name, needed = _NEEDED[step.library]
        version = state.versions.get(step.library)
        if version is not None and state.release(step.library)[0] < needed:
            raise Refused(
                f"--verify: {self.python} has {name} {version}, and the step `{step.name}` writes code for {name} "
                f"{needed}: --python names the environment with the new libraries, --python-before the one with the "
                f"old; what also runs on the old ones is verified by `--step prepare --verify`"
            )

    def _look(self, python: str) -> State:
        # Anew each time: a step may add a module.
        return look(program(self.folder, python, self.wanted.skip), self.wanted.app, self.wanted.timeout)

    def _announce(self, when: str, python: str) -> None:
        modules = plural(len(program(self.folder, python, self.wanted.skip).modules), "module")
        self.terminal.note(f"--verify imports {modules} in {escape(self.folder)} by {escape(python)}, {when}")

    def lines(self) -> Iterator[str]:
        """What was found, for the end of the run."""
        paint = self.terminal.paint
        for step, wrong in self._wrong:
            if wrong:
                yield f"{paint.bold(f'taken back: {step.name}')}, after it:"
                yield from (f"  {line}" for line in differences(wrong, paint))
        if self._judging is None:
            return
        judging = self._judging
        imported = (
            f"{len(judging.last.imported)} of {plural(len(judging.last.imported) + len(judging.last.failed), 'module')}"
        )
        verified = ", ".join(self._stood) or "none"
        yield f"Verified after each step that wrote something; these stand: {verified}. {imported} can be imported now."
        if judging.first is None:
            yield (
                "Tables and mappings were compared from step to step; schemas of models only in steps that are not "
                "about Pydantic, for want of an environment with the old libraries (--python-before)."
            )
        elif judging.standing.differences:
            count = plural(len(judging.standing.differences), "difference")
            yield f"{count} from the program as it was before the first step:"
            yield from (f"  {line}" for line in differences(judging.standing.differences, paint))
        else:
            yield "Nothing differs from the program as it was before the first step."


def folder_of(targets: Sequence[str], root: str) -> str:
    """The folder the program runs in: the working directory where that is a part of the project, else its root."""
    here, root = os.path.realpath(os.getcwd()), os.path.realpath(root)
    below = [f"{os.path.realpath(path)}/".startswith(here.rstrip("/") + "/") for path in targets]
    return here if all(below) and f"{here}/".startswith(root.rstrip("/") + "/") else root
