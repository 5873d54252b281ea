"""The way in: answers `--version` before any framework is imported, and turns every end into an exit code."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from . import __version__

INTERRUPTED = 130
CLOSED_PIPE = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; `argv` without the program's name, default `sys.argv[1:]`.

    No exception leaves it but SystemExit from shell completion: Ctrl-C is 130, a closed pipe 141 and silent,
    anything unexpected one line on stderr and 2 (with the traceback under `-vv`).
    """
    args = list(sys.argv[1:] if argv is None else argv)
    try:
        if args[:1] in (["--version"], ["-V"]):
            print(f"trueup {__version__}")
            code = 0
        else:
            from .cli.app import run

            code = run(args)
        sys.stdout.flush()
        sys.stderr.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whatever is still buffered can never be written: let the interpreter's last flush go nowhere.
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except BrokenPipeError:
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return CLOSED_PIPE
    except Exception as error:  # noqa: BLE001 -- the last resort: no traceback reaches a user unasked
        _internal_error(error, args)
        return 2
    return code


def _internal_error(error: Exception, args: Sequence[str]) -> None:
    doing = "; ".join(getattr(error, "__notes__", ())) or "no note of what was being done"
    what = " ".join(str(error).split())
    print(f"trueup: internal error: {type(error).__name__}: {what} ({doing})", file=sys.stderr)
    asked = args.count("-v") + args.count("--verbose") + 2 * args.count("-vv")
    if asked >= 2 or os.environ.get("TRUEUP_VERBOSE", "") >= "2":
        import traceback

        traceback.print_exception(error)
    else:
        what = "run it again with -vv for the traceback, and report that with what `trueup bug-report` prints"
        print(f"trueup: {what}", file=sys.stderr)


def program() -> NoReturn:
    """The command itself: ends the process at once, for to take a whole project apart in memory costs 0.3 s."""
    code = 2
    if sys.argv[1:2] == ["check"]:
        gc.disable()  # for good: to look for cycles once before the end would cost 0.1 s
    try:
        code = main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        if "multiprocessing" in sys.modules:  # what still waits for work would wait for ever, and hold the output open
            for child in sys.modules["multiprocessing"].active_children():
                child.terminate()
    os._exit(code)


if __name__ == "__main__":
    program()
