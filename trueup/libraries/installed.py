"""Which versions of libraries a project runs on, as its environment, its lock files and its exact pins say."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from ..infer import Inference
from .environment import environment

_LOCKS = ("uv.lock", "poetry.lock", "pdm.lock")
_PINS = ("requirements.txt", "requirements.lock", "requirements-dev.txt", "constraints.txt", "pyproject.toml")

Version = tuple[int, ...]


def version_of(types: Inference, name: str, python_path: tuple[str, ...] = ()) -> Version | None:
    """The version of a distribution, `(0, 115, 6)` say: of what is installed, else what is locked or pinned with `==`.

    `python_path`: as in the configuration. None where neither says.
    """
    return types.once(("installed.version_of", name, python_path), lambda: _version(types, name, python_path))


def _version(types: Inference, name: str, python_path: tuple[str, ...]) -> Version | None:
    root = Path(types.project.folder or ".")
    return next((_numbers(text) for text in _said(root, name, python_path)), None)


def _said(root: Path, name: str, python_path: tuple[str, ...]) -> Iterator[str]:
    spelled = name.replace("-", "[-_.]")
    for folder in environment(root, [Path(one) for one in python_path]):
        pattern = re.compile(rf"{spelled}-(\d[^-]*)\.dist-info", re.IGNORECASE)
        yield from (found[1] for one in sorted(os.listdir(folder)) if (found := pattern.fullmatch(one)))
    for file in _LOCKS:
        pattern = re.compile(rf'^name = "{spelled}"\s+version = "(\d[^"]*)"', re.IGNORECASE | re.MULTILINE)
        yield from (found[1] for found in pattern.finditer(_text(root / file)))
    for file in _PINS:
        pattern = re.compile(rf'^[\s"\']*{spelled}(?:\[[^\]]*\])?\s*==\s*(\d[\w.]*)', re.IGNORECASE | re.MULTILINE)
        yield from (found[1] for found in pattern.finditer(_text(root / file)))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def _numbers(text: str) -> Version:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])
