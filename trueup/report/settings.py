"""The settings that hold, each with its origin, and their JSON schema."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from trueup.config import DEFAULT_EXCLUDE
from trueup.settings import ASYNC, CHOICES, KEYS, TARGETS, Table
from trueup.targets import AUTO

from .screen import Paint, escape

DEFAULT = "the default"

_DEFAULTS: dict[str, Any] = {
    "exclude": list(DEFAULT_EXCLUDE),
    "force-exclude": False,
    "preview": False,
    "require-reason": False,
    "respect-gitignore": True,
    **dict.fromkeys(TARGETS, AUTO),
    **{key: some[0] for key, some in CHOICES.items()},
}
_ADDED = ("extend-exclude", "extend-safe-fixes", "extend-select", "extend-unsafe-fixes", "ignore", "unfixable")
"""Lists to which each place adds its part."""
UNSAID = {
    "base-models": "only what the project shows to be one",
    "baseline": "none",
    "fixable": "every rule",
    "layers": "found out: `trueup layers` shows them",
    "python-path": "the active environment, else `.venv`, else `venv`",
    "required-version": "any",
    "router-logic-threshold": "the rule's own",
    "ruff": "nothing of it is asked",
    "select": "every rule that gives more than advice",
    "src": "found out from the packages there are",
}
"""What holds where nothing is said and no value says as much; of lists and tables that are missing here, nothing."""
_TABLES = ("async", "layers", "per-file-ignores", "severity")
"""Tables, of which a nearer place replaces only the keys it names."""


class Row(NamedTuple):
    """One setting, or the part of it that stands in one place."""

    key: str
    value: Any
    origin: str


def rows(tables: Sequence[Table]) -> list[Row]:
    """The settings that hold, in the order of the alphabet; those that were never set and have no default are left out.

    `tables`: the places that hold for a file, the strongest last.
    """
    found: list[Row] = []
    for key in KEYS:
        places = [table for table in tables if key in table.values]
        if key in _TABLES:
            inner: dict[str, Row] = {}
            if key == "async":
                inner = {name: Row(key, {name: some[0]}, DEFAULT) for name, some in ASYNC.items()}
            for table in places:
                for name, value in table.values[key].items():
                    inner[name] = Row(key, {name: value}, table.origin)
            found += inner.values()
        elif key in _ADDED:
            # What `select` drops on the command line it drops of the places before.
            found += [Row(key, table.values[key], table.origin) for table in places]
        elif places:
            found.append(Row(key, places[-1].values[key], places[-1].origin))
        elif key in _DEFAULTS:
            found.append(Row(key, _DEFAULTS[key], DEFAULT))
    return found


def lines(some: Iterable[Row], paint: Paint, cwd: str) -> Iterator[str]:
    """One line a setting, as TOML with its origin behind it."""
    for row in some:
        origin = row.origin.removeprefix(cwd.rstrip("/") + "/")
        yield f"{escape(f'{row.key} = {_toml(row.value)}')}  {paint(f'# {escape(origin)}', 2)}\n"


def as_dicts(some: Iterable[Row]) -> Iterator[dict[str, Any]]:
    """The settings as data."""
    return (row._asdict() for row in some)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False, default=str)


def schema() -> str:
    """The JSON schema of `[tool.trueup]`."""
    return (Path(__file__).parent.parent / "trueup.schema.json").read_text(encoding="utf-8")
