"""Which modules of a program can be imported, and why the others cannot."""

from __future__ import annotations

import importlib
import os
import re
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence
from typing import Any


def import_all(
    names: Sequence[str], roots: Sequence[str], without: Sequence[str], doing: Callable[[str], None]
) -> dict[str, dict[str, str]]:
    """Import modules in their order; what a program does then (raise, print, `sys.exit`) concerns one module alone.

    Returns module -> `error` and `where` (`file:line` below a root) of those that cannot be imported.

    Args:
        names: dotted names.
        roots: the folders they are to come from, with links resolved.
        without: what has ended the process in an earlier run.
        doing: told what is about to be done.
    """
    warnings.simplefilter("ignore")
    failed = {}
    for name in names:
        if f"importing {name}" in without:
            failed[name] = {"error": "ends the process when it is imported", "where": ""}
            continue
        doing(f"importing {name}")
        try:
            module = importlib.import_module(name)
        except BaseException as error:  # noqa: BLE001 -- SystemExit too: whatever a module raises is an answer
            failed[name] = {"error": said(error, roots), "where": place(error, roots)}
            continue
        home = getattr(module, "__file__", None)
        if home and not any(os.path.realpath(home).startswith(root.rstrip(os.sep) + os.sep) for root in roots):
            failed[name] = {"error": f"another one of that name is imported: {home}", "where": ""}
    return failed


def said(error: BaseException, roots: Sequence[str] = ()) -> str:
    """An exception in one line, without addresses and without the folders that the program and its libraries are in."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 -- the exceptions of a program are classes of its own
        text = "(has no text)"
    text = re.sub(r"0x[0-9a-fA-F]{6,}", "0x...", text)
    for folder in (*roots, sys.prefix):
        text = text.replace(folder.rstrip(os.sep) + os.sep, "")
    lines = text.strip().splitlines()
    told = [line.strip() for line in lines if not line.strip().startswith("For further information visit ")]
    # Pydantic says how many errors there are, and then which.
    return f"{type(error).__name__}: {' '.join(told[:4])}".strip(": ")[:400]


def place(error: BaseException, roots: Sequence[str]) -> str:
    """`file:line` of the innermost frame that is the program's own."""
    if isinstance(error, SyntaxError) and error.filename:
        frames = [(error.filename, error.lineno or 1)]
    else:
        frames = [(frame.filename, frame.lineno or 1) for frame in traceback.extract_tb(error.__traceback__)]
    for filename, line in reversed(frames):
        full = os.path.realpath(filename)
        for root in roots:
            start = root.rstrip(os.sep) + os.sep
            if full.startswith(start):
                return f"{full[len(start) :].replace(os.sep, '/')}:{line}"
    return ""


def loaded(names: Sequence[str], failed: Sequence[str]) -> dict[str, Any]:
    """Module -> the module, of all that are imported."""
    return {name: sys.modules[name] for name in names if name not in failed and name in sys.modules}
