"""A process of somebody else's code: how long it may run, what it said last, and that nothing of it stays."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NamedTuple, NoReturn

KEPT = 8000
"""Bytes of its output that are kept: the last."""


class Ended(NamedTuple):
    """How a process ended."""

    code: int | None
    """Its exit code, negative for a signal; None: it was stopped because it took too long."""
    said: str
    """The end of what it wrote to stdout and stderr."""
    seconds: float

    @property
    def how(self) -> str:
        """In words."""
        if self.code is None:
            return f"stopped after {self.seconds:.0f} s"
        return f"exit code {self.code}" if self.code >= 0 else f"killed by signal {-self.code}"


class CannotRun(Exception):
    """A command could not even be started, or did not answer; the message says which and why."""


def run(command: Sequence[str], folder: str, variables: Mapping[str, str], timeout: float) -> Ended:
    """Run a command with an empty stdin, in a group of processes of its own.

    Whatever it started is gone when this returns or raises, be it by Ctrl-C or because trueup is told to end (SIGTERM,
    as a CI service that cancels a job: SystemExit). Raises CannotRun.
    """
    with _told_to_end():
        return _run(command, folder, variables, timeout)


def _run(command: Sequence[str], folder: str, variables: Mapping[str, str], timeout: float) -> Ended:
    started = time.monotonic()
    try:
        process = subprocess.Popen(
            command, cwd=folder, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise CannotRun(f"`{command[0]}` cannot be run: {(error.strerror or str(error)).lower()}") from None
    tail = bytearray()
    reader = threading.Thread(target=_read, args=(process, tail), daemon=True)
    reader.start()
    in_time = False
    try:
        in_time = _wait(process, started + timeout)
    finally:
        _stop(process)
    reader.join(1)
    text = bytes(tail).decode("utf-8", "replace")
    return Ended(process.returncode if in_time else None, text, time.monotonic() - started)


@contextmanager
def _told_to_end() -> Iterator[None]:
    """What would end trueup at once, and leave the other process behind, is an exception within the block."""
    kinds = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():
        kinds = []

    def end(number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    before = {kind: signal.getsignal(kind) for kind in kinds}
    # What is ignored (nohup) stays ignored.
    mine = [kind for kind, how in before.items() if how is signal.SIG_DFL]
    for kind in mine:
        signal.signal(kind, end)
    try:
        yield
    finally:
        for kind in mine:
            signal.signal(kind, signal.SIG_DFL)


def _read(process: subprocess.Popen[bytes], tail: bytearray) -> None:
    stream = process.stdout
    assert stream is not None
    with suppress(OSError, ValueError), stream:
        while data := os.read(stream.fileno(), 65536):
            tail += data
            del tail[:-KEPT]


def _wait(process: subprocess.Popen[bytes], deadline: float) -> bool:
    """Whether it ended before the deadline; where possible it is not reaped, so that nobody else gets its number."""
    if not hasattr(os, "waitid"):
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            return False
        return True
    pause = 0.002
    while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
        if time.monotonic() >= deadline:
            return False
        time.sleep(pause)
        pause = min(0.05, pause * 1.5)
    return True


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the process and all that it started in its group."""
    if hasattr(os, "killpg"):
        # Until it is reaped, no other group can have its number.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
