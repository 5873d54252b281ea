"""Where the libraries of a project are installed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path


def environment(root: Path, configured: Sequence[Path] = ()) -> list[Path]:
    """The `site-packages` folders of the project's environment.

    `configured` (the config's `python-path`) wins; else the active virtual environment, else `.venv` or `venv`
    in the project's root.
    """
    if configured:
        return [p for p in configured if p.is_dir()]
    candidates = [Path(v) for v in (os.environ.get("VIRTUAL_ENV", ""),) if v]
    candidates += [root / ".venv", root / "venv"]
    for prefix in candidates:
        found = sorted(prefix.glob("lib/python3*/site-packages")) or sorted(prefix.glob("Lib/site-packages"))
        if found:
            return found[-1:]
    return []
