"""`--watch`: check again whenever a file changes."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from trueup.discovery import SUFFIXES
from trueup.gitignore import IGNORE
from trueup.settings import CONFIG_FILES
from trueup.targets import LOCKS

if TYPE_CHECKING:
    from .terminal import Terminal

DEBOUNCE = 50
"""Milliseconds without a change before the run: an editor writes a file in several steps."""

WAKE = 200
"""Milliseconds after which watching looks up, at the latest."""

_CLEAR = "\x1b[2J\x1b[3J\x1b[H"


def repeat(once: Callable[[], int], targets: Sequence[str], terminal: Terminal) -> int:
    """Run, and run again after each change below the targets, until Ctrl-C; settings are read anew each time."""
    try:
        import watchfiles
    except ImportError:
        terminal.fault("--watch needs watchfiles: pip install 'trueup[watch]'")
        return 2
    folders = [target if os.path.isdir(target) else os.path.dirname(target) or "." for target in targets]
    changes = watchfiles.watch(
        *dict.fromkeys(folders),
        watch_filter=lambda kind, path: concerns(path),
        debounce=DEBOUNCE,
        rust_timeout=WAKE,
        yield_on_timeout=True,
    )
    gc.enable()  # this process lives on
    next(changes)  # from here on no change is missed, also during the first run
    once()
    terminal.note("watching; Ctrl-C ends it")
    for some in changes:
        if some:
            if sys.stdout.isatty():
                sys.stdout.write(_CLEAR)
            once()
    return 0


def concerns(path: str) -> bool:
    """Whether a change of a file can change what is found."""
    parts = path.split(os.sep)
    if any(part in (".git", ".trueup_cache", "__pycache__", "node_modules") for part in parts):
        return False
    name = parts[-1]
    is_list = name.startswith("requirements") and name.endswith(".txt")
    return name.endswith(SUFFIXES) or is_list or name in (*CONFIG_FILES, *LOCKS, ".gitignore", IGNORE)
