"""A program, looked at in a process of its own, as often as it takes to get an answer."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import Any

from .process import CannotRun, Ended, run
from .program import Program

PROBES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "probes")
_START = (
    "import sys, importlib.util as u\n"
    "sys.path[:] = [p for p in sys.path if p]\n"
    "s = u.spec_from_file_location('_trueup_probes', sys.argv[1] + '/__init__.py',"
    " submodule_search_locations=[sys.argv[1]])\n"
    "sys.modules[s.name] = m = u.module_from_spec(s)\n"
    "s.loader.exec_module(m)\n"
    "import _trueup_probes.answer as a\n"
    "a.main(sys.argv[2])\n"
)
"""Loads the probes by their path: neither they nor trueup's own libraries get into the program's way."""

_ROUNDS = 8
"""How many modules of a program may end the process before it is given up."""


@dataclass(frozen=True)
class State:
    """What a program is like; None stands for what cannot be said."""

    python: str
    versions: dict[str, str]
    """Of the libraries that it imports."""
    imported: list[str]
    failed: dict[str, dict[str, str]]
    """Module -> `error` and `where`."""
    unknown: dict[str, str]
    """Part (`ddl`, `mapped`, `schemas`, `openapi`) -> why nothing can be said of it."""
    ddl: dict[str, dict[str, list[str] | None]] | None
    homes: dict[str, str] | None
    """Table -> module."""
    mapped: dict[str, dict[str, list[str]]] | None
    schemas: dict[str, dict[str, Any]] | None
    openapi: Any = None
    said: str = field(default="", compare=False)
    """The end of what the program printed."""

    def release(self, library: str) -> tuple[int, int]:
        """The first two numbers of a library's version; zeros where it is not used."""
        first, second = (self.versions.get(library, "") + "..").split(".")[:2]
        return int(first) if first.isdigit() else 0, int(second) if second.isdigit() else 0


def look(program: Program, app: str | None, timeout: float) -> State:
    """Import a program and say what it is like; a module that ends the process is left out next time.

    Raises CannotRun: the interpreter cannot be started, or the program takes too long, or ends every time.
    """
    without: list[str] = []
    for _ in range(_ROUNDS):
        with TemporaryDirectory(prefix="trueup-verify-", ignore_cleanup_errors=True) as scratch:
            ended, doing, found = _once(program, app, timeout, without, scratch)
        if found is not None:
            return State(**found, said=ended.said)
        if ended.code is None:
            where = f" while {doing}" if doing else ""
            raise CannotRun(f"{program.folder}: took longer than {timeout:g} s{where} (--timeout)")
        if not doing:
            last = ended.said.strip().rpartition("\n")[2]
            raise CannotRun(f"{program.python}: does not run the probe, {ended.how}: {last}")
        if doing in without:
            break
        without.append(doing)
    raise CannotRun(f"{program.folder}: {', '.join(without[:3])} ends the process each time")


def _once(
    program: Program, app: str | None, timeout: float, without: Sequence[str], scratch: str
) -> tuple[Ended, str, dict[str, Any] | None]:
    """One try: how the process ended, what it was doing last, what it found."""
    request, answer, log = (os.path.join(scratch, name) for name in ("request", "answer", "log"))
    asked = {
        "name": "trueup-verify",
        "path": list(program.roots),
        "roots": [os.path.realpath(root) for root in program.roots],
        "modules": list(program.modules),
        "without": list(without),
        "app": app,
        "answer": answer,
        "log": log,
    }
    with open(request, "w", encoding="utf-8") as stream:
        json.dump(asked, stream)
    command = [program.python, "-c", _START, PROBES, request]
    ended = run(command, program.folder, program.variables(with_roots=False), timeout)
    found = None
    if os.path.exists(answer):
        with open(answer, encoding="utf-8") as stream:
            found = json.load(stream)
    doing = ""
    if os.path.exists(log):
        with open(log, encoding="utf-8", errors="replace") as stream:
            doing = stream.read()
    return ended, doing, found
