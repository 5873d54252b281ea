"""Environments made from a file of pins: built once, kept outside the tree, and what runs in them."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

IDENTITY = "import sys; print(sys.implementation.name, sys.version, sys.base_prefix)"


class CannotBuild(Exception):
    """A step of making an environment failed; the text holds the command and what it said."""


def environment(pins: Path, python: Path = Path(sys.executable), *, as_named: bool = False) -> Path:
    """Makes an environment that holds what `pins` names, or finds the one made earlier.

    `pins` is a requirements file; `python` is the interpreter to build on. With `as_named` it holds exactly what is
    named, also where one package declares that it will not have the version of another. Two runs may ask for the same
    environment at once: each builds one of its own, and the first to finish gives it its name.

    Returns the path of the environment's interpreter. Raises CannotBuild where a command fails, OSError where
    `pins` cannot be read or the cache cannot be written.
    """
    identity = _run([python, "-c", IDENTITY]) + ("as named" if as_named else "")
    key = hashlib.blake2b(pins.read_bytes() + identity.encode(), digest_size=8).hexdigest()
    home = cache() / f"{pins.stem}-{key}"
    if not _interpreter(home).exists():
        home.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home.parent, ignore_cleanup_errors=True) as scratch:
            built = Path(scratch) / home.name
            _build(built, pins, python, ["--no-deps"] if as_named else [])
            _put(built, home)
    return _interpreter(home)


def cache() -> Path:
    """The folder where environments are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "trueup" / "envs"


def run_tests(app: Path, python: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Runs the tests of the application in the folder `app` with the interpreter `python`, writing nothing there.

    Returns the finished pytest with its output; its return code is 0 when all tests pass.
    """
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PYTEST", "SHOP_", "COV_"))}
    variables["PYTHONDONTWRITEBYTECODE"] = "1"
    command = [str(python), "-m", "pytest", "-q", "--disable-warnings", *options]
    return subprocess.run(
        command, cwd=app, env=variables, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )


def _build(home: Path, pins: Path, python: Path, options: Sequence[str]) -> None:
    beside = shutil.which("uv", path=str(Path(sys.executable).parent))
    uv = beside or shutil.which("uv")
    if uv is not None:
        _run([uv, "venv", "--quiet", "--no-project", "--python", python, home])
        _run([uv, "pip", "install", "--quiet", "--python", _interpreter(home), *options, "--requirement", pins])
    else:
        _run([python, "-m", "venv", home])
        _run([_interpreter(home), "-m", "pip", "install", "--quiet", *options, "--requirement", pins])


def _put(built: Path, home: Path) -> None:
    # An environment runs from wherever it lies, as long as it is entered by its interpreter and not by its scripts.
    try:
        built.rename(home)
    except OSError:
        if _interpreter(home).exists():  # another run was faster
            return
        shutil.rmtree(home)  # its interpreter is gone, or somebody emptied it
        built.rename(home)


def _interpreter(home: Path) -> Path:
    return home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _run(command: Sequence[str | Path]) -> str:
    variables = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")}
    done = subprocess.run(
        command, env=variables, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode:
        raise CannotBuild(f"`{' '.join(map(str, command))}` failed ({done.returncode}):\n{done.stdout.strip()}")
    return done.stdout
