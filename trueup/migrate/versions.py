"""Which versions of the libraries a project has: what its lock file says, and what is installed for it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from trueup.libraries.distributions import FLOORS
from trueup.targets import LOCKS, installed_in, locked, normal, required

from .requirement import parse

_NAMES = tuple(dict.fromkeys([*(floor.name for floors in FLOORS.values() for floor in floors), "sqlmodel"]))


class Version(NamedTuple):
    """What is known of a distribution; empty where nothing is."""

    name: str
    asked: str
    """What the project said it wants before anything was raised, `pydantic>=1.10` say."""
    locked: str
    lock: str
    """The lock file's name."""
    installed: str


def versions(root: str, site_packages: Sequence[Path], raised: Iterable[str] = ()) -> list[Version]:
    """The distributions that a migration is about, those of which something is known, in a fixed order.

    `raised`: requirements as they were before the migration raised them.
    """
    asked = required(root) | {normal(parsed.name): text for text in raised if (parsed := parse(text)) is not None}
    lock, there = _locked(root)
    installed = installed_in(site_packages)
    found = [
        Version(
            name,
            asked.get(name, ""),
            there.get(name, ""),
            lock if name in there else "",
            installed.get(name, ("", None))[0],
        )
        for name in _NAMES
    ]
    return [one for one in found if one.asked or one.locked or one.installed]


def _locked(root: str) -> tuple[str, dict[str, str]]:
    """The first lock file that says anything, and name -> version in it."""
    for name in (*LOCKS, "Pipfile.lock"):
        try:
            data = Path(root, name).read_bytes()
            known = _in_pipfile(data) if name == "Pipfile.lock" else locked(data.decode(), _NAMES)
        except (OSError, ValueError):
            continue
        if known:
            return name, known
    return "", {}


def _in_pipfile(data: bytes) -> dict[str, str]:
    known = json.loads(data)
    default = known.get("default") if isinstance(known, dict) else None
    rows = default.items() if isinstance(default, dict) else ()
    pairs = [(key, str(one.get("version", "")).lstrip("=")) for key, one in rows if isinstance(one, dict)]
    return {normal(key): version for key, version in pairs if version}
