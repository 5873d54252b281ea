"""A program to look at: the folder it runs in, its modules, the interpreter that has what it needs."""

from __future__ import annotations

import keyword
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from trueup.config import CliOptions, Configs
from trueup.discovery import discover
from trueup.files import SourceFile

_TESTS = frozenset({"tests", "test", "testing"})
_NO_MODULES = frozenset({"setup", "conftest", "__main__", "noxfile", "fabfile"})


@dataclass(frozen=True)
class Program:
    """One side of a comparison."""

    folder: str
    """Where it runs: its working directory, and the first of `roots`."""
    python: str
    """The interpreter that has its libraries."""
    roots: tuple[str, ...]
    """The folders its modules are imported from."""
    modules: tuple[str, ...]
    """Those that are imported, packages before what is in them."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """File -> why it is not imported, below `folder`."""

    def variables(self, *, with_roots: bool) -> dict[str, str]:
        """The environment a command of it runs in: the user's own, the interpreter's commands before all others.

        `with_roots`: its modules are found, before what is installed: an environment may hold the program itself, as
        it is edited. Python's own modules come after them, so that the interpreter can be hindered from starting.
        """
        found = {name: value for name, value in os.environ.items() if name not in _OURS}
        home = os.path.dirname(self.python)
        found["PATH"] = os.pathsep.join([home, *filter(None, [found.get("PATH")])])
        if os.path.isfile(os.path.join(os.path.dirname(home), "pyvenv.cfg")):
            found["VIRTUAL_ENV"] = os.path.dirname(home)
        if with_roots:
            found["PYTHONPATH"] = os.pathsep.join([*self.roots, *filter(None, [found.get("PYTHONPATH")])])
        found["PYTHONDONTWRITEBYTECODE"] = "1"
        return found


_OURS = frozenset({"PYTHONHOME", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__", "PYTHONSAFEPATH", "PYTHONINSPECT"})
"""Variables that would have another interpreter than this one look in the wrong places, or not end."""


def program(folder: str, python: str, skip: Sequence[str] = ()) -> Program:
    """The program in a folder.

    Not imported are tests, scripts (`#!` in the first line, `__main__`, setup.py), the environment and the versions of
    Alembic, and what no `import` can name: they are not written to be imported, and may do harm when they are.

    Args:
        folder: its absolute path.
        python: an interpreter.
        skip: patterns of module names to leave out too: `app.legacy.*`.

    Raises:
        ConfigError: its configuration is bad.
    """
    configs = Configs.load([folder], CliOptions(force_exclude=False), cwd=folder)
    roots = {folder: None}
    modules: dict[str, None] = {}
    left_out = {}
    for file in sorted(discover([folder], configs).files, key=lambda file: file.module):
        root, module = _named(file, folder)
        below = file.absolute.removeprefix(folder.rstrip("/") + "/")
        why = _why_not(file, below, module) or next(
            (f"`{pattern}` is skipped" for pattern in skip if fnmatchcase(module, pattern)), ""
        )
        if why:
            if file.absolute.endswith(".py"):
                left_out[below] = why
            continue
        roots[root] = None
        modules[module] = None
    return Program(folder, python, tuple(roots), tuple(modules), left_out)


def _named(file: SourceFile, folder: str) -> tuple[str, str]:
    """The folder a file is imported from, and its name there; the folder is the program's or lies below it."""
    path = PurePosixPath(file.absolute)
    parts = path.parent.parts if file.is_package else path.with_suffix("").parts
    for name in (file.module, *file.aliases):
        own = name.split(".")
        root = "/".join(parts[: len(parts) - len(own)]).replace("//", "/", 1)
        if parts[len(parts) - len(own) :] == tuple(own) and f"{root}/".startswith(folder.rstrip("/") + "/"):
            return root, name
    return folder, ".".join(parts[len(PurePosixPath(folder).parts) :])


def _why_not(file: SourceFile, below: str, module: str) -> str:
    """Why a file is not to be imported; empty if it is."""
    parts = PurePosixPath(below).parts
    stem = PurePosixPath(below).stem
    if not file.absolute.endswith(".py"):
        return "a stub"
    if not module or not all(part.isidentifier() and not keyword.iskeyword(part) for part in module.split(".")):
        return "no `import` can name it"
    if stem in _NO_MODULES:
        return "it is not made to be imported"
    if not _TESTS.isdisjoint(parts[:-1]) or stem.startswith("test_") or stem.endswith("_test") or stem == "tests":
        return "a test"
    above = os.path.dirname(file.absolute)
    if stem == "env" and os.path.isdir(os.path.join(above, "versions")):
        return "Alembic's environment"
    if os.path.basename(above) == "versions" and os.path.exists(os.path.join(os.path.dirname(above), "env.py")):
        return "a version of Alembic's"
    try:
        with open(file.absolute, "rb") as stream:
            if stream.read(2) == b"#!":
                return "a script"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return ""


def interpreter(wanted: str | None, folder: str = "", *, fallback: str | None = None) -> str:
    """The interpreter to run a program with; its links are not resolved, because they are how it knows its libraries.

    Args:
        wanted: an interpreter or the folder of a virtual environment; None: whichever is found.
        folder: whose `.venv` or `venv` it would be.
        fallback: what to take if there is none; else it is the active environment, `python3` on the path, or this one.

    Raises:
        FileNotFoundError: there is none where it is wanted.
    """
    if wanted is not None:
        path = os.path.abspath(os.path.expanduser(wanted))
        if os.path.isdir(path):
            return _in_environment(path) or _missing(f"{wanted} is a folder without bin/python")
        if os.path.isfile(path):
            return path
        return (shutil.which(wanted) if os.sep not in wanted else None) or _missing(f"{wanted}: there is no such file")
    homes = [os.path.join(folder, name) for name in (".venv", "venv")] if folder else []
    if fallback is None:
        homes += [os.environ[name] for name in ("VIRTUAL_ENV", "CONDA_PREFIX") if os.environ.get(name)]
    found = next(filter(None, map(_in_environment, homes)), None)
    return found or fallback or shutil.which("python3") or shutil.which("python") or sys.executable


def _in_environment(home: str) -> str | None:
    for name in ("bin/python", "Scripts/python.exe", "python.exe"):
        path = os.path.join(home, name)
        if os.path.isfile(path):
            return path
    return None


def _missing(why: str) -> str:
    raise FileNotFoundError(why)
