"""The ruff program: where it is, how it is run beside trueup's own work, and what it says when it fails."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import IO, NamedTuple


class RuffFailed(Exception):
    """ruff is not there, or did not do what it was asked; the message says why, in one line."""


class Said(NamedTuple):
    """What a run of ruff printed."""

    out: str
    err: str


def program() -> str | None:
    """The ruff that is installed beside trueup, else the one on the PATH; None where there is none."""
    beside = os.path.join(sysconfig.get_path("scripts"), "ruff.exe" if os.name == "nt" else "ruff")
    return beside if os.path.exists(beside) else shutil.which("ruff")


class Run:
    """One process of ruff; it works from the moment this is made."""

    def __init__(
        self, *arguments: str, cwd: str, paths: Sequence[str] | None = None, text: str | None = None, name: str = ""
    ) -> None:
        """Start it. Raises RuffFailed where it cannot be started.

        Args:
            arguments: the command and its options.
            cwd: the folder to run in.
            paths: absolute paths of files, any number; None: the command names none.
            text: what stands for the file `name`, in the place of paths.
            name: absolute.
        """
        found = program()
        if found is None:
            raise RuffFailed("ruff is not installed: `pip install ruff`")
        command = [found, *arguments]
        self._listed = ""
        if text is not None:
            command += ["--stdin-filename", name, "-"]
        elif paths is not None:
            # Thousands of paths are more than a command line may hold; ruff reads them from a file, one a line.
            handle, self._listed = tempfile.mkstemp(prefix="trueup-ruff-", suffix=".txt")
            with os.fdopen(handle, "wb") as stream:
                stream.write(b"".join(os.fsencode(path) + b"\n" for path in paths if "\n" not in path))
            command.append(f"@{self._listed}")
        # Files, not pipes: a pipe that nobody reads yet would hold ruff up once it is full.
        self._out, self._err = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 -- closed by `said`
        try:
            with tempfile.TemporaryFile() as brought:
                brought.write((text or "").encode("utf-8", "surrogatepass"))
                brought.seek(0)
                self._process = subprocess.Popen(
                    command, cwd=cwd, stdin=brought, stdout=self._out, stderr=self._err, env=_environment()
                )
        except OSError as error:
            self._close()
            raise RuffFailed(f"{found} cannot be run: {error.strerror}") from None

    def said(self) -> Said:
        """Wait for its end. Raises RuffFailed where it could not do its part; findings are no failure."""
        code = self._process.wait()
        out, err = _content(self._out), _content(self._err)
        self._close()
        if code not in (0, 1):
            lines = [
                line.strip().removeprefix("Cause:").strip() for line in err.replace("ruff failed\n", "").split("\n")
            ]
            reason = " ".join(line for line in lines if line)[:500]
            raise RuffFailed(f"ruff failed: {reason or f'exit code {code}'}")
        return Said(out, err)

    def _close(self) -> None:
        self._out.close()
        self._err.close()
        if self._listed:
            with suppress(OSError):
                os.unlink(self._listed)


def each(work: Callable[[str], None], paths: Sequence[str], jobs: int) -> None:
    """Do something for each path, several at once; the work is other processes', so threads will do."""
    if jobs < 2 or len(paths) < 2:
        for path in paths:
            work(path)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(jobs) as pool:
        for _ in pool.map(work, paths):
            pass


def _content(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode("utf-8", "replace")


def _environment() -> dict[str, str]:
    """The environment without what would change ruff's answer: `RUFF_OUTPUT_FILE` and the like."""
    return {name: value for name, value in os.environ.items() if not name.startswith("RUFF_")}
