"""What the models of a program are like and do: schemas, answers to odd values, settings, functions, warnings.

Runs with Pydantic 1.10 and 2, in the environment of the program, without trueup, `tests` being on the path:

    python -m oracles.pydantic_models ask PROGRAM...          import each program, try what it suggests; print JSON
    python -m oracles.pydantic_models repeat ASKED PROGRAM... the same tries, taken from the file ASKED

A program is a folder; all modules below it are imported. `pydantic_compare` says in what two answers differ.
What is tried is text: Python expressions of which each side makes values of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import inspect
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import types
import typing
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from .pydantic_asking import Asker
from .pydantic_library import Library, Program, evaluate, outcome, plain, tell

LIBRARIES = (
    "pydantic.networks", "pydantic.types", "pydantic.dataclasses", "pydantic_settings", "pydantic_extra_types.color",
    "fastapi.openapi.utils", "email_validator", "dotenv",
)  # fmt: skip
"""Loaded once, for all programs."""


def answer(library: Library, cls: Any, one: list[Any]) -> list[Any]:
    """What comes of one try."""
    kind, payload = one[0], one[3]
    match kind:
        case "make":
            return outcome(library, lambda: tell(library, library.make(cls, evaluate(payload))))
        case "attributes":
            return outcome(library, lambda: tell(library, library.from_attributes(cls, evaluate(payload))))
        case "assign":
            made = outcome(library, lambda: library.make(cls, evaluate(payload)))
            if made[0] != "ok":
                return made
            got = outcome(library, lambda: setattr(made[1], one[4], evaluate(one[2])))
            return ["ok", tell(library, made[1])] if got[0] == "ok" else ["refused"]
        case "variable":
            os.environ.update(one[4])
            try:
                return outcome(library, lambda: tell(library, cls(**evaluate(payload))))
            finally:
                for variable in one[4]:
                    os.environ.pop(variable, None)
        case "dotenv":
            Path(one[4]).write_text(one[5], "utf-8")
            try:
                return outcome(library, lambda: tell(library, cls(**evaluate(payload))))
            finally:
                Path(one[4]).unlink()
    raise ValueError(kind)


def call(library: Library, models: dict[str, Any], name: str, function: Any, arguments: list[list[str]]) -> list[Any]:
    """What comes of calling a function."""

    def run() -> Any:
        hints = typing.get_type_hints(function)
        owner = models.get(name.rpartition(".")[0])
        if owner is not None:
            hints["self"] = owner
        values = {own: library.take(hints[own], evaluate(text)) for own, text in arguments}
        result = function(**values)
        if inspect.iscoroutine(result):
            result = asyncio.run(asyncio.wait_for(result, 2))
        return plain(library, result)

    return outcome(library, run)


def examine(task: tuple[str, dict[str, Any] | None]) -> dict[str, Any]:
    """Import a program and try what an earlier answer tried, or what this Pydantic finds to try.

    It belongs in a process of its own. Returns `failed`, `warned`, `schemas`, `models` (for each model the `types` of
    its fields, its `tries` and the `answers`), `calls` with their answers, `values` of the modules, and `openapi`.
    """
    folder, earlier = task
    sys.dont_write_bytecode = True
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what the program prints
    library = Library()
    if not library.is_new:
        home = types.ModuleType("pydantic_settings")
        vars(home).update(BaseSettings=library.settings, SettingsConfigDict=dict)
        sys.modules["pydantic_settings"] = home  # a program that is half-way over runs on version 1 with this
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        program = Program(Path(folder).resolve(), library)
        models = program.models()
        if earlier is None:
            asker = Asker(program)
            asked: dict[str, Any] = {"models": asker.ask(), "calls": asker.calls()}
        else:
            asked = earlier
        functions = program.functions()
        found: dict[str, Any] = {
            "failed": program.failed,
            "warned": sorted(set(program.warned)),
            "schemas": {name: outcome(library, partial(library.schema, cls)) for name, cls in models.items()},
            "models": {
                name: {
                    **spec,
                    "answers": [answer(library, models[name], one) for one in spec["tries"]],
                    "again": [answer(library, models[name], one) for one in spec["tries"][:3]],
                }
                for name, spec in asked["models"].items()
                if name in models
            },
            "variables": {
                name: library.variables(cls)
                for name, cls in models.items()
                if library.is_new and issubclass(cls, library.settings)
            },
            "calls": {
                name: calls if earlier is None else earlier["calls"][name] for name, calls in asked["calls"].items()
            },
            "called": {
                name: [call(library, models, name, functions[name], one) for one in calls]
                for name, calls in asked["calls"].items()
                if name in functions
            },
            "values": {
                name: plain(library, value)
                for name, value in program.members()
                if isinstance(value, str | int | float | list | tuple | dict | Decimal | date)
                or type(value) in models.values()
            },
            "openapi": {
                name: outcome(library, value.openapi)
                for name, value in program.members()
                if type(value).__name__ == "FastAPI"
            },
        }
        os.chdir("/")
    result: dict[str, Any] = json.loads(json.dumps(found, default=str))
    return result


class TooLong(BaseException):
    """A program did not come to an end; nothing within it may catch that."""


def stop(*_: object) -> None:
    """Ends what runs; a process that a signal ends would let the pool wait for ever."""
    raise TooLong


def examine_in_time(task: tuple[str, dict[str, Any] | None]) -> dict[str, Any]:
    """`examine`, but for two minutes at most. Raises TimeoutError with the name of the program."""
    signal.signal(signal.SIGALRM, stop)
    signal.alarm(120)
    try:
        return examine(task)
    except TooLong:
        raise TimeoutError(task[0]) from None
    finally:
        signal.alarm(0)


def examine_each(folders: list[str], earlier: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """`examine` of several programs, each in a process of its own that has the libraries loaded already."""
    for name in LIBRARIES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    nothing: list[None] = [None] * len(folders)
    tasks = list(zip(folders, nothing if earlier is None else earlier, strict=True))
    with multiprocessing.get_context("fork").Pool(2, maxtasksperchild=1) as pool:
        return pool.map(examine_in_time, tasks, chunksize=1)


def ask(python: str | Path, folders: list[Path]) -> list[dict[str, Any]]:
    """What each program answers under the Pydantic 1 of an interpreter."""
    return _run(python, ["ask", *map(str, folders)])


def repeat(python: str | Path, asked: list[dict[str, Any]], folders: list[Path]) -> list[dict[str, Any]]:
    """The same tries on other programs, in the environment of an interpreter."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "asked.json"
        path.write_text(json.dumps(asked), "utf-8")
        return _run(python, ["repeat", str(path), *map(str, folders)])


def _run(python: str | Path, arguments: list[str]) -> list[dict[str, Any]]:
    home = Path(__file__).parent
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PYTEST", "COV_"))}
    done = subprocess.run(
        [str(python), "-P", "-m", f"{home.name}.{Path(__file__).stem}", *arguments],
        env=variables | {"PYTHONPATH": str(home.parent)}, text=True, capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-4000:])
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def main(arguments: list[str]) -> int:
    """The command."""
    match arguments:
        case ["ask", *folders] if folders:
            json.dump(examine_each(folders, None), sys.stdout)
            return 0
        case ["repeat", asked, *folders] if folders:
            json.dump(examine_each(folders, json.loads(Path(asked).read_text("utf-8"))), sys.stdout)
            return 0
    sys.stderr.write(__doc__ or "")
    return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
