"""Which versions of the libraries a project has: what its lock file says, and what is installed for it."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from trueup.libraries.distributions import FLOORS

_NAMES = tuple(dict.fromkeys([*(floor.name for floors in FLOORS.values() for floor in floors), "sqlmodel"]))
_LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock")
_SEPARATORS = re.compile(r"[-_.]+")


class Version(NamedTuple):
    """What is known of a distribution; empty where nothing is."""

    name: str
    locked: str
    lock: str
    """The lock file's name."""
    installed: str


def versions(root: str, site_packages: Sequence[Path]) -> list[Version]:
    """The distributions that a migration is about, those that are locked or installed, in a fixed order."""
    lock, locked = _locked(root)
    installed = _installed(site_packages)
    found = [
        Version(name, locked.get(name, ""), lock if name in locked else "", installed.get(name, "")) for name in _NAMES
    ]
    return [one for one in found if one.locked or one.installed]


def _locked(root: str) -> tuple[str, dict[str, str]]:
    """The first lock file there is, and name -> version in it."""
    for name in _LOCKS:
        try:
            with open(os.path.join(root, name), "rb") as file:
                data = file.read()
            known = json.loads(data) if name == "Pipfile.lock" else tomllib.loads(data.decode())
        except (OSError, ValueError):
            continue
        pairs: list[tuple[str, str]] = []
        if name == "Pipfile.lock":
            default = known.get("default") if isinstance(known, dict) else None
            for key, one in default.items() if isinstance(default, dict) else ():
                pairs.append((key, str(one.get("version", "")).lstrip("=") if isinstance(one, dict) else ""))
        else:
            packages = known.get("package", known.get("packages"))
            rows = [one for one in packages if isinstance(one, dict)] if isinstance(packages, list) else []
            pairs += [(str(one.get("name", "")), str(one.get("version", ""))) for one in rows]
        return name, {_normal(key): version for key, version in pairs if version}
    return "", {}


def _installed(site_packages: Iterable[Path]) -> dict[str, str]:
    found: dict[str, str] = {}
    for folder in site_packages:
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        for name in names:
            if name.endswith(".dist-info"):
                distribution, _, version = name.removesuffix(".dist-info").rpartition("-")
                found.setdefault(_normal(distribution), version)
    return found


def _normal(name: str) -> str:
    return _SEPARATORS.sub("-", name).lower()
