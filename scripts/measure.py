"""Runs trueup's commands and says what they cost in seconds and memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

TIMEOUT = 900
"""Seconds after which a command counts as hung."""


@dataclass(slots=True)
class Run:
    """What one command did and cost."""

    exit: int
    """Negative: killed by that signal."""
    seconds: float
    megabytes: float
    """Peak resident memory of its largest process."""
    stdout: str = field(repr=False)
    stderr: str = field(repr=False)

    @property
    def cost(self) -> dict[str, float]:
        """For the table and the JSON."""
        return {"exit": self.exit, "seconds": round(self.seconds, 2), "megabytes": round(self.megabytes)}


def trueup(arguments: Sequence[str], cwd: Path) -> Run:
    """Run one trueup command; `-P`, so that nothing in the folder is imported in place of a library."""
    return python(("-P", "-m", "trueup", *arguments), cwd)


def python(arguments: Sequence[str], cwd: Path) -> Run:
    """Run this Python with arguments, without trueup's environment variables; kill it if it hangs."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("TRUEUP_")}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        command = [sys.executable, *arguments]
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=cwd, env=env, stdout=out, stderr=err, start_new_session=True)
        killer = threading.Timer(TIMEOUT, os.killpg, (process.pid, signal.SIGKILL))
        killer.start()
        # wait4 and not getrusage(RUSAGE_CHILDREN): the latter is the highest of all commands so far.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        killer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode("utf-8", "replace"))
    kilobytes = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return Run(process.returncode, seconds, kilobytes / 1024, *texts)


def table(rows: Sequence[Sequence[object]]) -> str:
    """Columns under a first row of headings; numbers to the right."""
    texts = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    right = [isinstance(cell, (int, float)) for cell in rows[-1]]
    lines = []
    for row in texts:
        cells = [cell.rjust(w) if r else cell.ljust(w) for cell, w, r in zip(row, widths, right, strict=True)]
        lines.append("  ".join(cells).rstrip() + "\n")
    return "".join(lines)
