"""Which version of a library a project runs on, where rules do not ask for it by `versions=`: Starlette's, say."""

from __future__ import annotations

import re
from pathlib import Path

from ..infer import Inference
from ..targets import LOCKS, installed_in, locked
from .environment import environment

_PINS = ("requirements.txt", "constraints.txt", "pyproject.toml")

Version = tuple[int, ...]


def version_of(types: Inference, name: str, python_path: tuple[str, ...] = ()) -> Version | None:
    """The version of a distribution, `(0, 115, 6)` say: locked, else pinned with `==`, else installed.

    `python_path`: as in the configuration. None where nothing says it.
    """
    return types.once(("installed.version_of", name, python_path), lambda: _version(types, name, python_path))


def _version(types: Inference, name: str, python_path: tuple[str, ...]) -> Version | None:
    root = Path(types.project.folder or ".")
    for file in LOCKS:
        found = locked(_text(root / file), (name,)).get(name)
        if found is not None:
            return _numbers(found)
    pin = re.compile(rf'^[\s"\']*{name}(?:\[[^\]]*\])?\s*==\s*(\d[\w.]*)', re.IGNORECASE | re.MULTILINE)
    for file in _PINS:
        pinned = pin.search(_text(root / file))
        if pinned is not None:
            return _numbers(pinned[1])
    installed = installed_in(environment(root, [Path(one) for one in python_path])).get(name)
    return _numbers(installed[0]) if installed is not None else None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def _numbers(text: str) -> Version:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])
